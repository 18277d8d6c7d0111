-- What should the summary say of a month?
INSERT INTO temp.fresh_booked
SELECT
    spot.month, spot.revenue_type_id, spot.bill_code_id, spot.sales_person_id, spot.market_id, spot.language_id,
    spot.spot_type_id, COALESCE(lower(trim(label.text)) = 'agency', 0),
    COUNT(*),
    COALESCE(SUM(spot.gross_cents), 0), COALESCE(SUM(spot.net_cents), 0), COALESCE(SUM(spot.broker_cents), 0),
    COUNT(*) FILTER (WHERE spot.gross_cents > 0),
    COALESCE(SUM(spot.gross_cents) FILTER (WHERE spot.gross_cents > 0), 0),
    MIN(spot.gross_cents), MAX(spot.gross_cents), MIN(spot.air_day), MAX(spot.air_day),
    MAX(spot.id) FILTER (WHERE spot.contract_id IS NOT NULL)
FROM spot
LEFT JOIN label ON label.id = spot.agency_flag_id
WHERE spot.month = :month
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
