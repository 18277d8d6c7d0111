-- Which rows have that issue, the largest first?
SELECT
    spot.month AS month,
    date(spot.air_day * 86400, 'unixepoch') AS air_date,
    bill_code.raw AS bill_code,
    sales_person.raw AS sales_person,
    issue.position AS position,
    issue.raw AS raw,
    sheet.name AS sheet,
    issue.row AS row,
    spot.batch_id AS batch_id,
    COALESCE(spot.gross_cents, 0) AS gross_cents
FROM issue
JOIN spot ON spot.id = issue.spot_id
JOIN bill_code ON bill_code.id = spot.bill_code_id
JOIN sales_person ON sales_person.id = spot.sales_person_id
JOIN sheet ON sheet.id = spot.sheet_id
WHERE issue.code = :code
ORDER BY ABS(COALESCE(spot.gross_cents, 0)) DESC, spot.id
LIMIT :count
