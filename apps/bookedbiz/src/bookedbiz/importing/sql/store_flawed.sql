-- Which spots of a month have a cell that was repaired or could not be read?
INSERT INTO flawed SELECT * FROM flawed_now WHERE month = :month
