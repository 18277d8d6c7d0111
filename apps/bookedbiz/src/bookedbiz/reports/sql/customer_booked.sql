-- What has this customer booked, ever, by month, language, market, AE and revenue type?
SELECT
    month, language, market, ae, revenue_type,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(spots) AS spots,
    sum(paid_spots) AS paid_spots,
    sum(paid_gross_cents) AS paid_gross_cents,
    min(first_air_date) AS first_air_date,
    max(last_air_date) AS last_air_date
FROM revenue
WHERE bill_code_id IN (
        SELECT id FROM bill_code
        WHERE customer_id = :customer_id OR (id = -:customer_id AND customer_id IS NULL))
  AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
GROUP BY month, language, market, ae, revenue_type
