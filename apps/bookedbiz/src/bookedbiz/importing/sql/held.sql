-- What do the closed months hold, as the imports left them?
SELECT month, spots, gross_cents, net_cents, high, low
FROM held
WHERE month IN (SELECT month FROM month_status WHERE status = 'closed')
