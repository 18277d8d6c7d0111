-- Subscribers may be told by mail. SQLite changes no CHECK of a table: it is made anew, with all that is in it.
CREATE TABLE subscriber_anew (                  -- a webhook, an MQTT broker or mailboxes; secrets lie in files
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('webhook', 'mqtt', 'mail')),
    name        TEXT NOT NULL UNIQUE,
    body        TEXT NOT NULL CHECK (json_valid(body)),
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at  TEXT NOT NULL
) STRICT;

INSERT INTO subscriber_anew (id, kind, name, body, enabled, created_at)
SELECT id, kind, name, body, enabled, created_at FROM subscriber;

DROP TABLE subscriber;

ALTER TABLE subscriber_anew RENAME TO subscriber;
