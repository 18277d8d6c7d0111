-- What do the closed months hold, counted spot by spot?
SELECT month, spots, gross_cents, net_cents, high, low
FROM held_now
WHERE month IN (SELECT month FROM month_status WHERE status = 'closed')
