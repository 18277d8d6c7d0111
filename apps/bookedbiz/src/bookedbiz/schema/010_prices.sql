-- The summaries of prices again, in the language that the view revenue shows and without types of spot: half as many
-- lines. What depends on the hour and the day has a summary of its own.
--
-- `…_now` says what each summary must be: importing.summary and pricing.kept write what differs from it.

DROP VIEW priced_revenue;
DROP VIEW aired_revenue;
DROP VIEW airing;
DROP TABLE priced;
DROP TABLE aired;

-- What an airing counts as, beyond its cells; here and nowhere else.
-- Without an air date both months are those of the label. A day part is that of the start of the window in which the
-- spot may run; a window of twelve hours or more says nothing and is a run of schedule.
CREATE VIEW airing AS
SELECT
    spot.id                                                             AS id,
    spot.month                                                          AS month,
    COALESCE(CAST(strftime('%Y%m', spot.air_day * 86400, 'unixepoch') AS INTEGER), spot.month) AS calendar_month,
    COALESCE(CAST(strftime('%Y%m', (spot.air_day + 6 - (spot.air_day % 7 + 10) % 7) * 86400, 'unixepoch') AS INTEGER),
             spot.month)                                                AS broadcast_month,  -- of the week's Sunday
    spot.revenue_type_id                                                AS revenue_type_id,
    spot.bill_code_id                                                   AS bill_code_id,
    spot.sales_person_id                                                AS sales_person_id,
    spot.market_id                                                      AS market_id,
    COALESCE((SELECT booked.assigned_language_id FROM booked
              WHERE booked.month = spot.month AND booked.revenue_type_id = spot.revenue_type_id
                AND booked.bill_code_id = spot.bill_code_id AND booked.sales_person_id = spot.sales_person_id
                AND booked.market_id = spot.market_id AND booked.language_id = spot.language_id
                AND booked.spot_type_id = spot.spot_type_id
              LIMIT 1), spot.language_id)                               AS language_id,      -- as assigned
    CASE WHEN spot.length_s IS NULL OR spot.length_s <= 0 THEN 0
         WHEN spot.length_s <= 10 THEN 10                               -- billboard
         WHEN spot.length_s <= 15 THEN 15
         WHEN spot.length_s <= 30 THEN 30
         WHEN spot.length_s <= 45 THEN 45
         WHEN spot.length_s <= 60 THEN 60
         WHEN spot.length_s <= 90 THEN 90                               -- extended
         WHEN spot.length_s <= 120 THEN 120
         WHEN spot.length_s <= 600 THEN 600                             -- long form
         ELSE 9999 END                                                  AS length_bucket,    -- program length
    CASE WHEN spot.time_in_s IS NULL THEN 0
         WHEN spot.time_out_s IS NOT NULL
              AND (spot.time_out_s - spot.time_in_s + 86400) % 86400 >= 43200 THEN 9  -- run of schedule
         WHEN spot.time_in_s < 3600 THEN 7
         WHEN spot.time_in_s < 18000 THEN 8                             -- 1:00, overnight
         WHEN spot.time_in_s < 25200 THEN 1                             -- 5:00, early morning
         WHEN spot.time_in_s < 39600 THEN 2                             -- 7:00, morning
         WHEN spot.time_in_s < 54000 THEN 3                             -- 11:00, midday
         WHEN spot.time_in_s < 64800 THEN 4                             -- 15:00, afternoon
         WHEN spot.time_in_s < 68400 THEN 5                             -- 18:00, early evening
         WHEN spot.time_in_s < 82800 THEN 6                             -- 19:00, prime
         ELSE 7 END                                                     AS day_part,         -- 23:00, late night
    CASE WHEN spot.air_day IS NULL THEN 0
         WHEN (spot.air_day % 7 + 10) % 7 < 5 THEN 1
         ELSE 2 END                                                     AS day_type,         -- 1 weekday, 2 weekend
    spot.gross_cents                                                    AS gross_cents,
    spot.net_cents                                                      AS net_cents,
    spot.length_s                                                       AS length_s
FROM spot;

CREATE TABLE priced (                      -- what was paid for spots of each length
    month             INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id      INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id   INTEGER NOT NULL REFERENCES sales_person (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),
    language_id       INTEGER NOT NULL REFERENCES language (id),    -- as assigned
    length_bucket     INTEGER NOT NULL,
    spots             INTEGER NOT NULL,
    gross_cents       INTEGER NOT NULL,
    net_cents         INTEGER NOT NULL,
    paid_spots        INTEGER NOT NULL,    -- gross above 0; the columns below are of these alone
    paid_gross_cents  INTEGER NOT NULL,
    paid_net_cents    INTEGER NOT NULL,
    paid_squares      REAL NOT NULL,       -- sum of their gross cents squared; a REAL, for it can be beyond 64 bits
    paid_seconds      INTEGER NOT NULL,    -- of those whose length is known, as the next
    timed_gross_cents INTEGER NOT NULL,
    least_paid_cents  INTEGER,
    most_paid_cents   INTEGER,
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE parted (                      -- what was paid for spots by the part of the day and the kind of day
    month             INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id      INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id   INTEGER NOT NULL REFERENCES sales_person (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),
    language_id       INTEGER NOT NULL REFERENCES language (id),    -- as assigned
    day_part          INTEGER NOT NULL,
    day_type          INTEGER NOT NULL,
    spots             INTEGER NOT NULL,
    gross_cents       INTEGER NOT NULL,
    net_cents         INTEGER NOT NULL,
    paid_spots        INTEGER NOT NULL,
    paid_gross_cents  INTEGER NOT NULL,
    paid_net_cents    INTEGER NOT NULL,
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE aired (                       -- what is booked, by the month's label and by the two months of the air date
    month             INTEGER NOT NULL,
    calendar_month    INTEGER NOT NULL,
    broadcast_month   INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id      INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id   INTEGER NOT NULL REFERENCES sales_person (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),
    language_id       INTEGER NOT NULL REFERENCES language (id),    -- as assigned
    spots             INTEGER NOT NULL,
    gross_cents       INTEGER NOT NULL,
    net_cents         INTEGER NOT NULL,
    paid_spots        INTEGER NOT NULL,
    paid_gross_cents  INTEGER NOT NULL,
    least_paid_cents  INTEGER,
    most_paid_cents   INTEGER,
    PRIMARY KEY (month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id,
                 language_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW priced_now AS
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket,
    COUNT(*) AS spots,
    COALESCE(SUM(gross_cents), 0) AS gross_cents,
    COALESCE(SUM(net_cents), 0) AS net_cents,
    COUNT(*) FILTER (WHERE gross_cents > 0) AS paid_spots,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_gross_cents,
    COALESCE(SUM(net_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_net_cents,
    TOTAL(1.0 * gross_cents * gross_cents) FILTER (WHERE gross_cents > 0) AS paid_squares,
    COALESCE(SUM(length_s) FILTER (WHERE gross_cents > 0 AND length_s > 0), 0) AS paid_seconds,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0 AND length_s > 0), 0) AS timed_gross_cents,
    MIN(gross_cents) FILTER (WHERE gross_cents > 0) AS least_paid_cents,
    MAX(gross_cents) FILTER (WHERE gross_cents > 0) AS most_paid_cents
FROM airing
GROUP BY month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket;

CREATE VIEW parted_now AS
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type,
    COUNT(*) AS spots,
    COALESCE(SUM(gross_cents), 0) AS gross_cents,
    COALESCE(SUM(net_cents), 0) AS net_cents,
    COUNT(*) FILTER (WHERE gross_cents > 0) AS paid_spots,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_gross_cents,
    COALESCE(SUM(net_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_net_cents
FROM airing
GROUP BY month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type;

CREATE VIEW aired_now AS
SELECT
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    COUNT(*) AS spots,
    COALESCE(SUM(gross_cents), 0) AS gross_cents,
    COALESCE(SUM(net_cents), 0) AS net_cents,
    COUNT(*) FILTER (WHERE gross_cents > 0) AS paid_spots,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_gross_cents,
    MIN(gross_cents) FILTER (WHERE gross_cents > 0) AS least_paid_cents,
    MAX(gross_cents) FILTER (WHERE gross_cents > 0) AS most_paid_cents
FROM airing
GROUP BY month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id;

-- The ledger's Trade rule for these, as in the view revenue.
CREATE VIEW priced_revenue AS
SELECT priced.* FROM priced
WHERE priced.revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);

CREATE VIEW parted_revenue AS
SELECT parted.* FROM parted
WHERE parted.revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);

CREATE VIEW aired_revenue AS
SELECT aired.* FROM aired
WHERE aired.revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);

-- Filled with one reading of the spots for all three, which takes half of the time that three readings take.
CREATE TEMP TABLE cell AS
SELECT
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    length_bucket, day_part, day_type,
    COUNT(*) AS spots,
    COALESCE(SUM(gross_cents), 0) AS gross_cents,
    COALESCE(SUM(net_cents), 0) AS net_cents,
    COUNT(*) FILTER (WHERE gross_cents > 0) AS paid_spots,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_gross_cents,
    COALESCE(SUM(net_cents) FILTER (WHERE gross_cents > 0), 0) AS paid_net_cents,
    TOTAL(1.0 * gross_cents * gross_cents) FILTER (WHERE gross_cents > 0) AS paid_squares,
    COALESCE(SUM(length_s) FILTER (WHERE gross_cents > 0 AND length_s > 0), 0) AS paid_seconds,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0 AND length_s > 0), 0) AS timed_gross_cents,
    MIN(gross_cents) FILTER (WHERE gross_cents > 0) AS least_paid_cents,
    MAX(gross_cents) FILTER (WHERE gross_cents > 0) AS most_paid_cents
FROM airing
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;

INSERT INTO priced
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket,
    SUM(spots), SUM(gross_cents), SUM(net_cents), SUM(paid_spots), SUM(paid_gross_cents), SUM(paid_net_cents),
    TOTAL(paid_squares), SUM(paid_seconds), SUM(timed_gross_cents), MIN(least_paid_cents), MAX(most_paid_cents)
FROM temp.cell
GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO parted
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type,
    SUM(spots), SUM(gross_cents), SUM(net_cents), SUM(paid_spots), SUM(paid_gross_cents), SUM(paid_net_cents)
FROM temp.cell
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

INSERT INTO aired
SELECT
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    SUM(spots), SUM(gross_cents), SUM(net_cents), SUM(paid_spots), SUM(paid_gross_cents), MIN(least_paid_cents),
    MAX(most_paid_cents)
FROM temp.cell
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

DROP TABLE temp.cell;
