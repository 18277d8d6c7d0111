-- How much was booked for each month, of the whole business or of one book? As booked_by_month without a filter.
SELECT month, SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents
FROM sold_revenue
WHERE month BETWEEN :first_month AND :last_month AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
GROUP BY month
