-- What should the summary by air date say of a month?
INSERT INTO temp.fresh_aired SELECT * FROM aired_now WHERE month = :month
