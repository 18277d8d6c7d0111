-- Where is a month's summary by air date put together before it is compared with the one that is kept?
CREATE TEMP TABLE IF NOT EXISTS fresh_aired AS SELECT * FROM main.aired WHERE 0
