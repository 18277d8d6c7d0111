-- What did the station's own spots, paid and bonus, bring by language, market and code, for the rows the filters leave?
-- Internal Ad Sales with COM and BNS: what is trafficked by language.
SELECT
    language_group, language, market,
    raw_language.code AS raw_code,
    language_method.words AS found,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(spots) FILTER (WHERE spot_type = 'COM') AS paid_rows,
    sum(spots) FILTER (WHERE spot_type = 'BNS') AS bonus_rows
FROM revenue
JOIN language AS raw_language ON raw_language.id = raw_language_id
LEFT JOIN language_method ON language_method.name = language_method
WHERE month BETWEEN :first_month AND :last_month
  AND month IN (SELECT value FROM json_each(:months))
  AND revenue_type = 'Internal Ad Sales' AND spot_type IN ('COM', 'BNS')
  AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
  AND (:ae IS NULL OR ae = :ae)
  AND (:revenue_type IS NULL OR revenue_type = :revenue_type)
  AND (:sector IS NULL OR sector = :sector)
  AND (:market IS NULL OR market = :market)
  AND (:language IS NULL OR language = :language)
  AND (:entity IS NULL OR entity = :entity)
  AND (:customer_name IS NULL OR customer = :customer_name)
  AND (:customer_text IS NULL OR instr(lower(customer), lower(:customer_text)) > 0)
GROUP BY language_group, language, market, raw_language.code, language_method
