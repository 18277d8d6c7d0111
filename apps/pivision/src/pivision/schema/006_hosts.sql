-- Where each picture of an event lies: a database goes to another machine when the app does, its files stay.

ALTER TABLE event_picture ADD COLUMN host TEXT NOT NULL DEFAULT '';  -- '' is of before, or of a machine without a name
