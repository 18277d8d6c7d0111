-- What do the lines say that this import did not store?
SELECT sheet.name AS sheet, skipped_row.row, skipped_row.reason, skipped_row.content
FROM skipped_row JOIN sheet ON sheet.id = skipped_row.sheet_id
WHERE skipped_row.batch_id = :batch_id
ORDER BY sheet.name, skipped_row.row
LIMIT :count;
