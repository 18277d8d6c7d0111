-- Which lines of a month's summary by air date are new or differ?
INSERT OR REPLACE INTO aired
SELECT * FROM temp.fresh_aired
EXCEPT
SELECT * FROM aired WHERE month = :month
