-- Which lines of the workbook did this import not store, and why? Blank ones are counted alone.
SELECT sheet.name AS sheet, batch_skip.reason, batch_skip.rows
FROM batch_skip JOIN sheet ON sheet.id = batch_skip.sheet_id
WHERE batch_skip.batch_id = :batch_id
ORDER BY sheet.name, batch_skip.rows DESC;
