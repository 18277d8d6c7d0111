-- How much did each customer book for each month, for the rows that the filters leave?
SELECT
    customer_id,
    month,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents
FROM sales
WHERE month BETWEEN :first_month AND :last_month
  AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
  AND (:ae IS NULL OR ae = :ae)
  AND (:revenue_type IS NULL OR revenue_type = :revenue_type)
  AND (:sector IS NULL OR sector = :sector)
  AND (:market IS NULL OR market = :market)
  AND (:language IS NULL OR language = :language)
  AND (:entity IS NULL OR entity = :entity)
  AND (:customer_name IS NULL OR customer = :customer_name)
  AND (:customer_text IS NULL OR instr(lower(customer), lower(:customer_text)) > 0)
GROUP BY month, customer_id  -- in the order in which the summary is kept
