-- What hangs on each bill code: whom it means now, spots and gross without Trade?
SELECT
    bill_code.id AS id,
    bill_code.customer_id AS customer_id,
    COALESCE(SUM(booked.spots), 0) AS spots,
    COALESCE(SUM(CASE WHEN revenue_type.is_trade THEN 0 ELSE booked.gross_cents END), 0) AS gross_cents
FROM bill_code
LEFT JOIN booked ON booked.bill_code_id = bill_code.id
LEFT JOIN revenue_type ON revenue_type.id = booked.revenue_type_id
GROUP BY bill_code.id
