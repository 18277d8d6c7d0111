-- Where is a month's summary put together before it is compared with the one that is kept?
CREATE TEMP TABLE IF NOT EXISTS fresh_booked (
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id, is_agency,
    spots, gross_cents, net_cents, broker_cents, paid_spots, paid_gross_cents,
    min_gross_cents, max_gross_cents, first_air_day, last_air_day, newest_contract_spot_id,
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id, is_agency)
) WITHOUT ROWID
