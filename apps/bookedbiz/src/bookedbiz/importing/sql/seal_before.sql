-- What did the month hold at the close before this import's, if it was closed then?
SELECT spots, gross_cents, net_cents, digest
FROM month_seal
WHERE month = :month
  AND batch_id < :batch_id
  AND sealed_at > COALESCE((SELECT MAX(at) FROM audit WHERE action = 'reopen_month' AND key = :label), '')
ORDER BY id DESC
LIMIT 1
