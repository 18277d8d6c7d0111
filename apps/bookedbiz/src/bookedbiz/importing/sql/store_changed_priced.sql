-- Which lines of a month's summary by price are new or differ?
INSERT OR REPLACE INTO priced
SELECT * FROM temp.fresh_priced
EXCEPT
SELECT * FROM priced WHERE month = :month
