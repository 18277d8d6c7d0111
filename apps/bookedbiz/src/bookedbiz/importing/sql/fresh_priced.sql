-- What should the summary by price say of a month?
INSERT INTO temp.fresh_priced SELECT * FROM priced_now WHERE month = :month
