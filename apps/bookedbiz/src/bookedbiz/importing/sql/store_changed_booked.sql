-- Which lines of a month's summary are new or differ? What is found out from them, the language, is set afterwards.
INSERT INTO booked (
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id, is_agency,
    spots, gross_cents, net_cents, broker_cents, paid_spots, paid_gross_cents,
    min_gross_cents, max_gross_cents, first_air_day, last_air_day, newest_contract_spot_id
)
SELECT * FROM temp.fresh_booked
EXCEPT
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id, is_agency,
    spots, gross_cents, net_cents, broker_cents, paid_spots, paid_gross_cents,
    min_gross_cents, max_gross_cents, first_air_day, last_air_day, newest_contract_spot_id
FROM booked
WHERE month = :month
ON CONFLICT DO UPDATE SET  -- never OR REPLACE: the triggers that keep `sold` would not learn what was replaced
    spots = excluded.spots, gross_cents = excluded.gross_cents, net_cents = excluded.net_cents,
    broker_cents = excluded.broker_cents, paid_spots = excluded.paid_spots,
    paid_gross_cents = excluded.paid_gross_cents, min_gross_cents = excluded.min_gross_cents,
    max_gross_cents = excluded.max_gross_cents, first_air_day = excluded.first_air_day,
    last_air_day = excluded.last_air_day, newest_contract_spot_id = excluded.newest_contract_spot_id
