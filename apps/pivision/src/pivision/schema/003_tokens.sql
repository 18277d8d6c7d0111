-- What a program shows instead of a name and a password.

CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,                 -- what it is for
    role         TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),  -- at most the person's
    lookup       TEXT NOT NULL UNIQUE,          -- the token's public part, by which it is found
    digest       BLOB NOT NULL,                 -- SHA-256 of the whole token: 256 random bits need no slow hash
    hint         TEXT NOT NULL,                 -- its last 4 characters
    created_at   TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at   TEXT
) STRICT;

CREATE UNIQUE INDEX api_token_name ON api_token (user_id, name) WHERE revoked_at IS NULL;
