-- Which bill codes has nobody said the customer of, and what hangs on them, the largest first?
SELECT
    bill_code.id AS id,
    bill_code.raw AS raw,
    COALESCE(bill_code.agency_text, '') AS agency,
    bill_code.customer_text AS advertiser,
    SUM(booked.spots) AS spots,
    SUM(CASE WHEN revenue_type.is_trade THEN 0 ELSE booked.gross_cents END) AS gross_cents,
    MIN(booked.month) AS first_month,
    MAX(booked.month) AS last_month,
    COUNT(DISTINCT booked.month) AS months
FROM bill_code
JOIN booked ON booked.bill_code_id = bill_code.id
JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
WHERE bill_code.customer_id IS NULL
  AND bill_code.raw <> ''
  AND bill_code.dismissed = :dismissed
GROUP BY bill_code.id
ORDER BY gross_cents DESC, bill_code.raw
