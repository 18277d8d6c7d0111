-- How many airings of each bill code and month are behind a number, and what do they come to?
SELECT month, bill_code_id, sum(spots) AS spots, sum(gross_cents) AS gross_cents, sum(net_cents) AS net_cents
FROM booked
WHERE month BETWEEN :first_month AND :last_month
  AND month IN (SELECT value FROM json_each(:months))
  AND revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
  AND (:only_ae_id IS NULL OR sales_person_id IN (SELECT sales_person_id FROM seller WHERE ae_id = :only_ae_id))
  AND (:ae IS NULL OR sales_person_id IN (SELECT sales_person_id FROM seller WHERE ae = :ae))
  AND (:revenue_type IS NULL OR revenue_type_id IN (
          SELECT revenue_type.id FROM revenue_type LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id
          WHERE COALESCE(meant.name, revenue_type.name) = :revenue_type))
  AND (:sector IS NULL OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE sector = :sector))
  AND (:market IS NULL OR market_id IN (
          SELECT market.id FROM market LEFT JOIN market AS shown ON shown.id = market.report_as_id
          WHERE COALESCE(shown.code, market.code) = :market))
  AND (:entity IS NULL
       OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE is_worldlink = 1) AND :entity = 'WorldLink'
       OR bill_code_id NOT IN (SELECT bill_code_id FROM buyer WHERE is_worldlink = 1)
          AND sales_person_id IN (SELECT sales_person_id FROM seller WHERE entity = :entity))
  AND (:buyer IS NULL OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE customer_id = :buyer))
  AND (:customer_name IS NULL OR bill_code_id IN (SELECT bill_code_id FROM buyer WHERE customer = :customer_name))
  AND (:customer_text IS NULL OR bill_code_id IN (
          SELECT bill_code_id FROM buyer WHERE instr(lower(customer), lower(:customer_text)) > 0))
  AND (:spot_type IS NULL OR spot_type_id IN (
          SELECT spot_type.id FROM spot_type LEFT JOIN spot_type AS meant ON meant.id = spot_type.reads_as_id
          WHERE CASE spot_type.status WHEN 'pending' THEN '' ELSE COALESCE(meant.code, spot_type.code) END = :spot_type))
  AND (:language IS NULL OR COALESCE(assigned_language_id, language_id) IN (SELECT id FROM language WHERE name = :language))
GROUP BY month, bill_code_id
