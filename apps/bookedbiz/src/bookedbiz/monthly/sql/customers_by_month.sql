-- What did each customer buy in each month, counted by the label or by a month of the air date, of the rows filters leave?
SELECT
    CASE :basis WHEN 'calendar' THEN calendar_month WHEN 'broadcast' THEN broadcast_month ELSE month END AS counted_month,
    COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
    sum(spots) AS spots,
    sum(paid_spots) AS paid_spots,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(paid_gross_cents) AS paid_gross_cents,
    min(least_paid_cents) AS least_paid_cents,
    max(most_paid_cents) AS most_paid_cents
FROM aired_revenue
JOIN bill_code ON bill_code.id = aired_revenue.bill_code_id
WHERE CASE :basis WHEN 'calendar' THEN calendar_month WHEN 'broadcast' THEN broadcast_month ELSE month END
      BETWEEN :first_month AND :last_month
  AND (:only_ae_id IS NULL OR sales_person_id IN (SELECT sales_person_id FROM seller WHERE ae_id = :only_ae_id))
  AND (:ae IS NULL OR sales_person_id IN (SELECT sales_person_id FROM seller WHERE ae = :ae))
  AND (:revenue_type IS NULL OR revenue_type_id IN (
          SELECT revenue_type.id FROM revenue_type LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id
          WHERE COALESCE(meant.name, revenue_type.name) = :revenue_type))
  AND (:sector IS NULL OR aired_revenue.bill_code_id IN (SELECT bill_code_id FROM buyer WHERE sector = :sector))
  AND (:market IS NULL OR market_id IN (
          SELECT market.id FROM market LEFT JOIN market AS shown ON shown.id = market.report_as_id
          WHERE COALESCE(shown.code, market.code) = :market))
  AND (:language IS NULL OR language_id IN (SELECT id FROM language WHERE name = :language))
  AND (:entity IS NULL
       OR aired_revenue.bill_code_id IN (SELECT bill_code_id FROM buyer WHERE is_worldlink = 1) AND :entity = 'WorldLink'
       OR aired_revenue.bill_code_id NOT IN (SELECT bill_code_id FROM buyer WHERE is_worldlink = 1)
          AND sales_person_id IN (SELECT sales_person_id FROM seller WHERE entity = :entity))
  AND (:customer_name IS NULL OR aired_revenue.bill_code_id IN (SELECT bill_code_id FROM buyer WHERE customer = :customer_name))
  AND (:customer_text IS NULL OR aired_revenue.bill_code_id IN (
          SELECT bill_code_id FROM buyer WHERE instr(lower(customer), lower(:customer_text)) > 0))
GROUP BY 1, 2
