-- What lies outside of the goods is made unrecognisable in every picture of this camera that is shown or sent.
ALTER TABLE device ADD COLUMN privacy_blur INTEGER NOT NULL DEFAULT 0 CHECK (privacy_blur IN (0, 1));
