-- What does the summary by codes say of a month?
INSERT INTO coded SELECT * FROM coded_now WHERE month = :month
