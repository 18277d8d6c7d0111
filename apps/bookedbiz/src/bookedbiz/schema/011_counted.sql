-- What pages count of the spots themselves, counted once by each import instead of at every look: small tables by month.
--
-- Each has a view that counts anew; importing.summary stores what the view says in the transaction that changes the
-- spots, and `bookedbiz check` compares the two.

CREATE VIEW waiting_now AS                 -- spots without a commercial yet
SELECT
    spot.month AS month, spot.air_day AS air_day, spot.bill_code_id AS bill_code_id,
    spot.sales_person_id AS sales_person_id, COUNT(*) AS spots, COALESCE(SUM(spot.gross_cents), 0) AS gross_cents
FROM spot
WHERE spot.media_id IN (SELECT id FROM label WHERE text LIKE '%NEED COPY%') AND spot.air_day IS NOT NULL
GROUP BY spot.month, spot.air_day, spot.bill_code_id, spot.sales_person_id;

CREATE TABLE waiting (
    month            INTEGER NOT NULL,
    air_day          INTEGER NOT NULL,
    bill_code_id     INTEGER NOT NULL REFERENCES bill_code (id),
    sales_person_id  INTEGER NOT NULL REFERENCES sales_person (id),
    spots            INTEGER NOT NULL,
    gross_cents      INTEGER NOT NULL,
    PRIMARY KEY (month, air_day, bill_code_id, sales_person_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW flawed_now AS                  -- spots with a cell that was repaired or could not be read
SELECT
    spot.month AS month, issue.code AS code, COUNT(DISTINCT spot.id) AS spots,
    COALESCE(SUM(spot.gross_cents), 0) AS gross_cents
FROM spot
CROSS JOIN issue ON issue.spot_id = spot.id
GROUP BY spot.month, issue.code;

CREATE TABLE flawed (
    month        INTEGER NOT NULL,
    code         TEXT NOT NULL,
    spots        INTEGER NOT NULL,
    gross_cents  INTEGER NOT NULL,
    PRIMARY KEY (month, code)
) STRICT, WITHOUT ROWID;

CREATE VIEW held_now AS                    -- what a month holds, with the sum of the row hashes in two halves
SELECT
    spot.month AS month, COUNT(*) AS spots, COALESCE(SUM(spot.gross_cents), 0) AS gross_cents,
    COALESCE(SUM(spot.net_cents), 0) AS net_cents, SUM(spot.row_hash >> 32) AS high,
    SUM(spot.row_hash & 4294967295) AS low,
    COUNT(*) FILTER (WHERE spot.gross_cents >= 0 AND spot.net_cents > spot.gross_cents) AS net_above_spots,
    COALESCE(SUM(spot.gross_cents) FILTER (WHERE spot.gross_cents >= 0 AND spot.net_cents > spot.gross_cents), 0)
        AS net_above_cents,
    COUNT(*) FILTER (WHERE spot.gross_cents > 0 AND spot.net_cents = 0) AS net_zero_spots,
    COALESCE(SUM(spot.gross_cents) FILTER (WHERE spot.gross_cents > 0 AND spot.net_cents = 0), 0) AS net_zero_cents
FROM spot
GROUP BY spot.month;

CREATE TABLE held (
    month            INTEGER PRIMARY KEY,
    spots            INTEGER NOT NULL,
    gross_cents      INTEGER NOT NULL,
    net_cents        INTEGER NOT NULL,
    high             INTEGER NOT NULL,
    low              INTEGER NOT NULL,
    net_above_spots  INTEGER NOT NULL,     -- those that keep more than they charge
    net_above_cents  INTEGER NOT NULL,
    net_zero_spots   INTEGER NOT NULL,     -- those that keep nothing of what they charge
    net_zero_cents   INTEGER NOT NULL
) STRICT;

-- An import adds spots and takes spots out, and never changes one: whoever does either by hand shows in a closed month.

CREATE TRIGGER held_with_changed_spot AFTER UPDATE OF month, row_hash, gross_cents, net_cents ON spot BEGIN
    UPDATE held
    SET spots = spots - 1, gross_cents = gross_cents - COALESCE(OLD.gross_cents, 0),
        net_cents = net_cents - COALESCE(OLD.net_cents, 0), high = high - (OLD.row_hash >> 32),
        low = low - (OLD.row_hash & 4294967295)
    WHERE month = OLD.month;
    UPDATE held
    SET spots = spots + 1, gross_cents = gross_cents + COALESCE(NEW.gross_cents, 0),
        net_cents = net_cents + COALESCE(NEW.net_cents, 0), high = high + (NEW.row_hash >> 32),
        low = low + (NEW.row_hash & 4294967295)
    WHERE month = NEW.month;
END;

CREATE TRIGGER held_without_gone_spot AFTER DELETE ON spot BEGIN
    UPDATE held
    SET spots = spots - 1, gross_cents = gross_cents - COALESCE(OLD.gross_cents, 0),
        net_cents = net_cents - COALESCE(OLD.net_cents, 0), high = high - (OLD.row_hash >> 32),
        low = low - (OLD.row_hash & 4294967295)
    WHERE month = OLD.month;
END;

INSERT INTO waiting SELECT * FROM waiting_now;
INSERT INTO flawed SELECT * FROM flawed_now;
INSERT INTO held SELECT * FROM held_now;
