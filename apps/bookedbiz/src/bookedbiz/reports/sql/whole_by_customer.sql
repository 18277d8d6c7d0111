-- How much did each customer book for each month, of the whole business or of one book?
-- As booked_by_customer without a filter, by ids: names are put to the sums, not to each line.
WITH lines AS MATERIALIZED (
    SELECT month, customer_id, SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
    FROM sold_revenue
    WHERE month BETWEEN :first_month AND :last_month AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
    GROUP BY month, customer_id
)
SELECT
    lines.customer_id AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    lines.month AS month, lines.gross_cents AS gross_cents, lines.net_cents AS net_cents
FROM lines
LEFT JOIN customer ON customer.id = lines.customer_id
LEFT JOIN bill_code ON bill_code.id = -lines.customer_id
ORDER BY lines.month, lines.customer_id
