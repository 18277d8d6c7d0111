-- What spots cost: two more summaries beside `booked`, and the view that says what is computed of each airing.
--
-- importing.summary keeps both in the transaction that changes the spots. 010 makes them smaller and fills them.

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
    spot.language_id                                                    AS language_id,
    spot.spot_type_id                                                   AS spot_type_id,
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

CREATE TABLE priced (                      -- what was paid for spots, by what makes their price
    month             INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id      INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id   INTEGER NOT NULL REFERENCES sales_person (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),
    language_id       INTEGER NOT NULL REFERENCES language (id),    -- as the cell has it
    spot_type_id      INTEGER NOT NULL REFERENCES spot_type (id),
    length_bucket     INTEGER NOT NULL,    -- these three as the view airing has them
    day_part          INTEGER NOT NULL,
    day_type          INTEGER NOT NULL,
    shown_language_id INTEGER NOT NULL REFERENCES language (id),    -- as the view revenue shows it
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
    PRIMARY KEY (month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, spot_type_id,
                 length_bucket, day_part, day_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE aired (                       -- what is booked, by the month's label and by the two months of the air date
    month             INTEGER NOT NULL,
    calendar_month    INTEGER NOT NULL,
    broadcast_month   INTEGER NOT NULL,
    revenue_type_id   INTEGER NOT NULL REFERENCES revenue_type (id),
    bill_code_id      INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id   INTEGER NOT NULL REFERENCES sales_person (id),
    market_id         INTEGER NOT NULL REFERENCES market (id),
    language_id       INTEGER NOT NULL REFERENCES language (id),    -- as the cell has it
    spot_type_id      INTEGER NOT NULL REFERENCES spot_type (id),
    shown_language_id INTEGER NOT NULL REFERENCES language (id),    -- as the view revenue shows it
    spots             INTEGER NOT NULL,
    gross_cents       INTEGER NOT NULL,
    net_cents         INTEGER NOT NULL,
    paid_spots        INTEGER NOT NULL,
    paid_gross_cents  INTEGER NOT NULL,
    least_paid_cents  INTEGER,
    most_paid_cents   INTEGER,
    PRIMARY KEY (month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id,
                 language_id, spot_type_id)
) STRICT, WITHOUT ROWID;

-- The ledger's Trade rule for both, as in the view revenue.
CREATE VIEW priced_revenue AS
SELECT priced.* FROM priced
WHERE priced.revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);

CREATE VIEW aired_revenue AS
SELECT aired.* FROM aired
WHERE aired.revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);

-- Whom a bill code means and who a sales person is, by the names that the view revenue shows.
CREATE VIEW buyer AS
SELECT
    bill_code.id                                                        AS bill_code_id,
    COALESCE(bill_code.customer_id, -bill_code.id)                      AS customer_id,
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(sector.name, 'Unassigned')                                 AS sector,
    bill_code.is_worldlink                                              AS is_worldlink
FROM bill_code
LEFT JOIN customer ON customer.id = bill_code.customer_id
LEFT JOIN sector ON sector.id = customer.sector_id;

CREATE VIEW seller AS
SELECT
    sales_person.id                                                     AS sales_person_id,
    sales_person.ae_id                                                  AS ae_id,
    COALESCE(ae.name, 'Unknown')                                        AS ae,
    COALESCE(entity.name, 'Unmatched')                                  AS entity    -- unless the buyer is WorldLink's
FROM sales_person
LEFT JOIN ae ON ae.id = sales_person.ae_id
LEFT JOIN entity ON entity.ae_id = sales_person.ae_id;
