-- Where are a month's airings put together by all that makes their price, before each summary adds its own up?
CREATE TEMP TABLE IF NOT EXISTS fresh_cell (
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    length_bucket, day_part, day_type, spots, gross_cents, net_cents, paid_spots, paid_gross_cents, paid_net_cents,
    paid_squares, paid_seconds, timed_gross_cents, least_paid_cents, most_paid_cents
)
