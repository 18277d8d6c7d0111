-- How much did each customer book for each month under each name of one kind, of the whole business or of one book?
-- As booked_by_name without a filter, by ids: of ids that are shown as one name there is a line of each.
WITH lines AS MATERIALIZED (
    SELECT
        month, customer_id,
        CASE :kind WHEN 'ae' THEN ae_id WHEN 'entity' THEN IIF(is_worldlink, -1, ae_id) WHEN 'market' THEN market_id
                   ELSE language_id END AS named_id,
        SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
    FROM sold_revenue
    WHERE month BETWEEN :first_month AND :last_month AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
    GROUP BY month, customer_id, 3
)
SELECT
    CASE :kind WHEN 'ae' THEN COALESCE(ae.name, 'Unknown')
               WHEN 'entity' THEN IIF(lines.named_id = -1, 'WorldLink', COALESCE(entity.name, 'Unmatched'))
               WHEN 'market' THEN COALESCE(shown_market.code, market.code)
               ELSE language.name END AS name,
    lines.customer_id AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    lines.month AS month, lines.gross_cents AS gross_cents, lines.net_cents AS net_cents
FROM lines
LEFT JOIN customer ON customer.id = lines.customer_id
LEFT JOIN bill_code ON bill_code.id = -lines.customer_id
LEFT JOIN ae ON ae.id = lines.named_id
LEFT JOIN entity ON entity.ae_id = lines.named_id
LEFT JOIN market ON market.id = lines.named_id
LEFT JOIN market AS shown_market ON shown_market.id = market.report_as_id
LEFT JOIN language ON language.id = lines.named_id
ORDER BY lines.month, lines.customer_id, 1
