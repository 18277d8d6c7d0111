-- What did each customer of each sector bring in these months, with how many spots, for the rows the filters leave?
-- `customer` stands bare beside the sums: it is the same on every line of a customer_id.
SELECT
    sector_group, sector, customer_id, customer,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(spots) AS spots,
    sum(paid_spots) AS paid_spots,
    sum(paid_gross_cents) AS paid_gross_cents
FROM sales
WHERE month BETWEEN :first_month AND :last_month
  AND month IN (SELECT value FROM json_each(:months))
  AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
  AND (:ae IS NULL OR ae = :ae)
  AND (:revenue_type IS NULL OR revenue_type = :revenue_type)
  AND (:sector IS NULL OR sector = :sector)
  AND (:market IS NULL OR market = :market)
  AND (:language IS NULL OR language = :language)
  AND (:entity IS NULL OR entity = :entity)
  AND (:customer_name IS NULL OR customer = :customer_name)
  AND (:customer_text IS NULL OR instr(lower(customer), lower(:customer_text)) > 0)
GROUP BY sector_group, sector, customer_id
