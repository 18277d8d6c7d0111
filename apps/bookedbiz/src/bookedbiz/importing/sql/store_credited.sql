-- What does the summary by sales person say of a month?
INSERT INTO credited SELECT * FROM credited_now WHERE month = :month
