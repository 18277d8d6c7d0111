-- What hangs on each bill code: whom it means now, spots and gross without Trade?
SELECT
    bill_code.id AS id,
    bill_code.customer_id AS customer_id,
    COALESCE(bought.spots, 0) AS spots,
    COALESCE(bought.gross_cents, 0) AS gross_cents
FROM bill_code
LEFT JOIN (
    SELECT bill_code_id, SUM(spots) AS spots,
        SUM(gross_cents) FILTER (WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1))
            AS gross_cents
    FROM booked
    GROUP BY +bill_code_id  -- the plus: all of it is read, and in its own order that is done sooner
) AS bought ON bought.bill_code_id = bill_code.id
ORDER BY bill_code.id
