-- How much did each customer of each class book for each month, WorldLink as one, of the whole business or of one book?
-- As booked_by_class without a filter, by ids: of WorldLink there is a line of each customer, all with the id 0.
WITH lines AS MATERIALIZED (
    SELECT month, customer_id, is_worldlink, SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
    FROM sold_revenue
    WHERE month BETWEEN :first_month AND :last_month AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
    GROUP BY month, customer_id, is_worldlink
)
SELECT
    COALESCE(customer.class, CASE sector.grp WHEN 'Political' THEN 'political' ELSE 'regular' END) AS class,
    IIF(lines.is_worldlink, 0, lines.customer_id) AS customer_id,
    IIF(lines.is_worldlink, 'WorldLink', COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)')) AS customer,
    lines.month AS month, lines.gross_cents AS gross_cents, lines.net_cents AS net_cents
FROM lines
LEFT JOIN customer ON customer.id = lines.customer_id
LEFT JOIN bill_code ON bill_code.id = -lines.customer_id
LEFT JOIN sector ON sector.id = customer.sector_id
ORDER BY 1, 2, lines.month
