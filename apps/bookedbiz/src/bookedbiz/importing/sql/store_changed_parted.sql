-- Which lines of a month's summary by part of the day are new or differ?
INSERT OR REPLACE INTO parted
SELECT * FROM temp.fresh_parted
EXCEPT
SELECT * FROM parted WHERE month = :month
