-- What did each closed month hold when it was closed last?
SELECT month, spots, gross_cents, net_cents, digest
FROM month_seal
WHERE id IN (SELECT MAX(id) FROM month_seal GROUP BY month)
  AND month IN (SELECT month FROM month_status WHERE status = 'closed')
