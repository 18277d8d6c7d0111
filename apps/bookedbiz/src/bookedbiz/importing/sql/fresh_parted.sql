-- What should the summary by part of the day say of a month?
INSERT INTO temp.fresh_parted SELECT * FROM parted_now WHERE month = :month
