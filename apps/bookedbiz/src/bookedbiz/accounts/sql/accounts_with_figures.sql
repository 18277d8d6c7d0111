-- Which accounts are there, what have they booked, when was somebody last in touch, and what is to be done?
SELECT
    account_shown.id AS id,
    account_shown.kind AS kind,
    account_shown.name AS name,
    account_shown.customer_id AS customer_id,
    account_shown.parent_id AS parent_id,
    COALESCE(account_shown.agency, '') AS agency,
    account_shown.sector AS sector,
    account_shown.active AS active,
    account_shown.ae_id AS ae_id,
    COALESCE(account_shown.ae, '') AS ae,
    account_shown.commission_in_force_bp AS commission_bp,
    account_shown.commission_bp IS NULL AS is_inherited,
    account_shown.po_number AS po_number,
    COALESCE(figures.year_cents, 0) AS year_cents,
    COALESCE(figures.before_cents, 0) AS before_cents,
    COALESCE(figures.ahead_cents, 0) AS ahead_cents,
    COALESCE(figures.recent_cents, 0) AS recent_cents,
    COALESCE(figures.earlier_cents, 0) AS earlier_cents,
    figures.last_air_day AS last_air_day,
    COALESCE(figures.ahead_spots, 0) AS ahead_spots,
    COALESCE(figures.markets, '') AS markets,
    (SELECT max(COALESCE(done_at, CASE WHEN due_on IS NULL THEN at END)) FROM activity
      WHERE activity.account_id = account_shown.id) AS touched_at,
    (SELECT min(due_on) FROM activity
      WHERE activity.account_id = account_shown.id AND due_on IS NOT NULL AND done_at IS NULL) AS next_due,
    (SELECT count(*) FROM activity
      WHERE activity.account_id = account_shown.id AND due_on IS NOT NULL AND done_at IS NULL) AS open_follow_ups,
    (SELECT count(*) FROM activity
      WHERE activity.account_id = account_shown.id AND due_on < :today AND done_at IS NULL) AS overdue_follow_ups,
    COALESCE((SELECT name FROM contact WHERE contact.account_id = account_shown.id AND is_primary), '') AS contact
FROM account_shown
LEFT JOIN account_figures AS figures ON figures.account_id = account_shown.id
WHERE :ae_id IS NULL OR account_shown.ae_id = :ae_id
ORDER BY year_cents DESC, account_shown.name
