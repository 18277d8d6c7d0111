-- Where is a month's summary by air date put together before it is compared with the one that is kept?
CREATE TEMP TABLE IF NOT EXISTS fresh_aired (
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    spot_type_id, shown_language_id, spots, gross_cents, net_cents, paid_spots, paid_gross_cents,
    least_paid_cents, most_paid_cents,
    PRIMARY KEY (month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id,
                 language_id, spot_type_id)
) WITHOUT ROWID
