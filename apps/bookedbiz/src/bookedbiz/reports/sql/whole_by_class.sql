-- How much did each customer book for each month, WorldLink by itself, of the whole business or of one book?
-- As booked_by_class without a filter, by ids.
SELECT customer_id, is_worldlink, month, SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
FROM sold_revenue
WHERE month BETWEEN :first_month AND :last_month AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
GROUP BY month, customer_id, is_worldlink
