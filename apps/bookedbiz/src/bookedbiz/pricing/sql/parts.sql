-- What was paid for spots in these months, by one thing and by month, with the part of the day and the kind of day, for the rows that the filters leave?
-- `newcomers` are bill code * 10000 + the year in which its customer was new. A thing that is not asked for is 0. Ids stay ids here: names are put to the few lines of the answer.
SELECT
    CASE :first WHEN 'ae' THEN sales_person_id WHEN 'market' THEN market_id WHEN 'language' THEN language_id
                WHEN 'day part' THEN day_part WHEN 'day type' THEN day_type
                WHEN 'tenure' THEN bill_code_id * 10000 + month / 100 IN (SELECT value FROM json_each(:newcomers))
                WHEN 'month' THEN 0 WHEN 'nothing' THEN 0 WHEN 'sector' THEN COALESCE(customer.sector_id, 0)
                ELSE COALESCE(bill_code.customer_id, -bill_code.id) END AS first_id,
    0 AS second_id,
    CASE :by_month WHEN 1 THEN month ELSE 0 END AS month,
    sum(spots) AS spots,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(paid_spots) AS paid_spots,
    sum(paid_gross_cents) AS paid_gross_cents,
    sum(paid_net_cents) AS paid_net_cents
FROM parted_revenue
LEFT JOIN bill_code ON bill_code.id = parted_revenue.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
WHERE month BETWEEN :first_month AND :last_month
  AND month IN (SELECT value FROM json_each(:months))
  AND (:only_ae_id IS NULL OR sales_person_id IN (SELECT sales_person_id FROM seller WHERE ae_id = :only_ae_id))
  AND (:ae IS NULL OR sales_person_id IN (SELECT sales_person_id FROM seller WHERE ae = :ae))
  AND (:revenue_type IS NULL OR revenue_type_id IN (
          SELECT revenue_type.id FROM revenue_type LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id
          WHERE COALESCE(meant.name, revenue_type.name) = :revenue_type))
  AND (:sector IS NULL OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE sector = :sector))
  AND (:market IS NULL OR market_id IN (
          SELECT market.id FROM market LEFT JOIN market AS shown ON shown.id = market.report_as_id
          WHERE COALESCE(shown.code, market.code) = :market))
  AND (:language IS NULL OR language_id IN (SELECT id FROM language WHERE name = :language))
  AND (:entity IS NULL
       OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE is_worldlink = 1) AND :entity = 'WorldLink'
       OR bill_code_id NOT IN (SELECT bill_code_id FROM buyer WHERE is_worldlink = 1)
          AND sales_person_id IN (SELECT sales_person_id FROM seller WHERE entity = :entity))
  AND (:customer_name IS NULL OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE customer = :customer_name))
  AND (:customer_text IS NULL OR bill_code_id IN (
          SELECT bill_code_id FROM buyer WHERE instr(lower(customer), lower(:customer_text)) > 0))
  AND (:day_part IS NULL OR day_part = :day_part)
  AND (:day_type IS NULL OR day_type = :day_type)
  AND (:tenure IS NULL
       OR (:tenure = 'new') = (bill_code_id * 10000 + month / 100 IN (SELECT value FROM json_each(:newcomers))))
GROUP BY 1, 2, 3
