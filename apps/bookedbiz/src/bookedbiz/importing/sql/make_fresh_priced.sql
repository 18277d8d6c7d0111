-- Where is a month's summary by price put together before it is compared with the one that is kept?
CREATE TEMP TABLE IF NOT EXISTS fresh_priced AS SELECT * FROM main.priced WHERE 0
