-- What did each combination of codes bring in these months? As booked_by_kind and languages_of_ad_sales without a filter,
-- by ids.
SELECT
    revenue_type_id, spot_type_id, market_id, language_id, assigned_language_id, language_method,
    SUM(gross_cents) AS gross_cents, SUM(net_cents) AS net_cents, SUM(spots) AS spots
FROM coded_revenue
WHERE month BETWEEN :first_month AND :last_month
  AND month IN (SELECT value FROM json_each(:months))
GROUP BY revenue_type_id, spot_type_id, market_id, language_id, assigned_language_id, language_method
