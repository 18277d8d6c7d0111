-- Keep what is known of an account; it replaces what was.
INSERT OR REPLACE INTO account_figures (
    account_id, year_cents, before_cents, ahead_cents, ever_cents, ahead_spots, first_air_day, last_air_day,
    active_months, recent_cents, earlier_cents, coming_cents, markets)
VALUES (
    :account_id, :year_cents, :before_cents, :ahead_cents, :ever_cents, :ahead_spots, :first_air_day, :last_air_day,
    :active_months, :recent_cents, :earlier_cents, :coming_cents, :markets)
