-- Which lines of a month's summary are new or differ? What is found out from them, the language, is set afterwards.
INSERT OR REPLACE INTO booked (
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
