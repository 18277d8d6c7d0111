-- How much did each customer book for each month under each name of one kind, of the whole business or of one book?
-- As booked_by_name without a filter, by ids: of ids that are shown as one name there is a line of each. -1 is WorldLink.
SELECT
    CASE :kind WHEN 'ae' THEN ae_id WHEN 'entity' THEN IIF(is_worldlink, -1, ae_id) WHEN 'market' THEN market_id
               ELSE language_id END AS named_id,
    customer_id, month, SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
FROM sold_revenue
WHERE month BETWEEN :first_month AND :last_month AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
GROUP BY month, customer_id, 1
