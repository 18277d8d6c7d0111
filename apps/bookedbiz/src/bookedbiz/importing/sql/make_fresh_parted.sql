-- Where is a month's summary by part of the day put together before it is compared with the one that is kept?
CREATE TEMP TABLE IF NOT EXISTS fresh_parted AS SELECT * FROM main.parted WHERE 0
