-- Which airings of one bill code and month are behind a number, in the order of their day, after a certain one?
WITH found AS MATERIALIZED (
    SELECT *
    FROM spot
    WHERE bill_code_id = :bill_code_id AND month = :month
      AND (COALESCE(air_day, 0), id) > (:after_day, :after_id)
      AND revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
      AND (:contract IS NULL OR contract_id = (SELECT id FROM contract WHERE number = :contract))
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
      AND (:language IS NULL OR (SELECT language_id FROM airing WHERE airing.id = spot.id) IN (SELECT id FROM language WHERE name = :language))
    ORDER BY COALESCE(air_day, 0), id
    LIMIT :count
)
SELECT
    found.id AS id,
    found.month AS month,
    found.bill_code_id AS bill_code_id,
    COALESCE(found.air_day, 0) AS day,
    buyer.customer AS customer,
    date(found.air_day * 86400, 'unixepoch') AS air_date,
    found.time_in_s AS time_in_s,
    found.time_out_s AS time_out_s,
    found.length_s AS length_s,
    CASE spot_type.status WHEN 'confirmed' THEN spot_type.code ELSE '' END AS spot_type,
    COALESCE(shown_market.code, market.code) AS market,
    language.name AS language,
    seller.ae AS ae,
    revenue_type.name AS revenue_type,
    contract.number AS contract,
    media.text AS media,
    found.gross_cents AS gross_cents,
    found.net_cents AS net_cents
FROM found
JOIN buyer ON buyer.bill_code_id = found.bill_code_id
JOIN seller ON seller.sales_person_id = found.sales_person_id
JOIN market ON market.id = found.market_id
LEFT JOIN market AS shown_market ON shown_market.id = market.report_as_id
JOIN airing ON airing.id = found.id
JOIN language ON language.id = airing.language_id
JOIN spot_type ON spot_type.id = found.spot_type_id
JOIN revenue_type ON revenue_type.id = found.revenue_type_id
LEFT JOIN contract ON contract.id = found.contract_id
LEFT JOIN label AS media ON media.id = found.media_id
ORDER BY found.month, day, found.id
