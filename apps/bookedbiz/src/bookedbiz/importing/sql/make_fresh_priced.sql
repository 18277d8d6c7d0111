-- Where is a month's summary of prices put together before it is compared with the one that is kept?
CREATE TEMP TABLE IF NOT EXISTS fresh_priced (
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id,
    length_bucket, day_part, day_type, shown_language_id, spots, gross_cents, net_cents, paid_spots, paid_gross_cents,
    paid_net_cents, paid_squares, paid_seconds, timed_gross_cents, least_paid_cents, most_paid_cents,
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id,
                 length_bucket, day_part, day_type)
) WITHOUT ROWID
