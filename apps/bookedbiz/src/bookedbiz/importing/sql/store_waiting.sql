-- Which spots of a month have no commercial yet?
INSERT INTO waiting SELECT * FROM waiting_now WHERE month = :month
