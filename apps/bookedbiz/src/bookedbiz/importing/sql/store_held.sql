-- What does a month hold?
INSERT INTO held SELECT * FROM held_now WHERE month = :month
