-- Of which rows must somebody look at the language, by bill code, code, type and revenue type? Trade apart.
-- Groups with an expensive row come first; `all_…` are of all groups.
WITH waiting AS MATERIALIZED (
    SELECT
        booked.bill_code_id, booked.language_id, booked.spot_type_id, booked.revenue_type_id,
        MIN(booked.assigned_language_id) AS assigned_language_id,
        MIN(booked.language_method) AS method,
        SUM(booked.spots) AS spots,
        SUM(booked.gross_cents) AS gross_cents,
        MIN(booked.first_air_day) AS first_air_day,
        MAX(booked.last_air_day) AS last_air_day,
        MAX(booked.max_gross_cents) AS largest_cents
    FROM booked
    WHERE booked.language_method IN (SELECT name FROM language_method WHERE review = 1)
      AND booked.revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
      AND NOT (:known_pass AND booked.language_method = 'business_review_required'
               AND booked.language_id IN (SELECT id FROM language WHERE id <> 0 AND status = 'confirmed'))
    -- The plus: all of `booked` is read, and in its own order that is done sooner.
    GROUP BY +booked.bill_code_id, booked.language_id, booked.spot_type_id, booked.revenue_type_id
), largest AS MATERIALIZED (
    SELECT *, COUNT(*) OVER () AS all_groups, SUM(spots) OVER () AS all_spots, SUM(gross_cents) OVER () AS all_cents
    FROM waiting
    ORDER BY COALESCE(largest_cents, 0) >= :high_cents DESC, ABS(gross_cents) DESC, spots DESC, bill_code_id, language_id,
        spot_type_id, revenue_type_id
    LIMIT :count
)
SELECT
    largest.bill_code_id AS bill_code_id,
    bill_code.raw AS bill_code,
    largest.language_id AS language_id,
    raw_language.code AS raw_code,
    spot_type.code AS spot_type,
    revenue_type.name AS revenue_type,
    language.name AS language,
    method.words AS why,
    largest.spots AS spots,
    largest.gross_cents AS gross_cents,
    date(largest.first_air_day * 86400, 'unixepoch') AS first_air_date,
    date(largest.last_air_day * 86400, 'unixepoch') AS last_air_date,
    largest.largest_cents AS largest_cents,
    largest.all_groups AS all_groups,
    largest.all_spots AS all_spots,
    largest.all_cents AS all_cents
FROM largest
JOIN bill_code ON bill_code.id = largest.bill_code_id
JOIN language AS raw_language ON raw_language.id = largest.language_id
JOIN language ON language.id = largest.assigned_language_id
JOIN spot_type ON spot_type.id = largest.spot_type_id
JOIN revenue_type ON revenue_type.id = largest.revenue_type_id
JOIN language_method AS method ON method.name = largest.method
ORDER BY COALESCE(largest.largest_cents, 0) >= :high_cents DESC, ABS(largest.gross_cents) DESC, largest.spots DESC,
    largest.bill_code_id, largest.language_id, largest.spot_type_id, largest.revenue_type_id
