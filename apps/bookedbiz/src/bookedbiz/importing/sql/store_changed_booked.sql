-- Which lines of a month's summary are new or differ?
INSERT OR REPLACE INTO booked
SELECT * FROM temp.fresh_booked
EXCEPT
SELECT * FROM booked WHERE month = :month
