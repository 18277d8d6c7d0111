-- From this camera only signed requests are taken: its key goes over the network never again.
ALTER TABLE device ADD COLUMN signs INTEGER NOT NULL DEFAULT 0 CHECK (signs IN (0, 1));
