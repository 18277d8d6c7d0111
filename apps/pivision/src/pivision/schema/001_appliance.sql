-- The appliance: cameras, the pictures they sent, the work that waits, what was noticed, and who may look.
--
-- A moment is ISO-8601 text in UTC with milliseconds (pivision.moments). Paths are relative to the data folder.
-- The server's own clock at receipt is the order of all things; what a camera says of time is kept, not trusted.

-- ---------------------------------------------------------------------------------------------- cameras

CREATE TABLE device (
    id               INTEGER PRIMARY KEY,
    name             TEXT NOT NULL UNIQUE,      -- device_id on the wire: [A-Za-z0-9][A-Za-z0-9._-]{0,63}
    title            TEXT NOT NULL,             -- for people
    enabled          INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at       TEXT NOT NULL,
    last_seen_at     TEXT,                      -- any authenticated request
    last_frame_at    TEXT,
    last_config_at   TEXT,                      -- when it last fetched its configuration
    config_seen      INTEGER,                   -- the version that it fetched
    boot_id          TEXT,                      -- of its newest frame
    fw_version       TEXT,
    rssi             INTEGER,
    battery_mv       INTEGER,
    temperature_c    REAL,
    uptime_s         INTEGER,
    free_heap        INTEGER,
    reset_reason     TEXT,
    spool_depth      INTEGER,
    clock_offset_s   REAL,                      -- device's clock minus ours, at its newest frame that told a time
    burst_until      TEXT,                      -- frames are wanted quickly until then
    online           INTEGER NOT NULL DEFAULT 0 CHECK (online IN (0, 1)),  -- as last told by an event
    notes            TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE device_key (                       -- a rotation leaves the old key valid for a while
    id          INTEGER PRIMARY KEY,
    device_id   INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    lookup      TEXT NOT NULL UNIQUE,           -- the key's public part, by which it is found
    digest      BLOB NOT NULL,                  -- SHA-256 of the whole key: 256 random bits need no slow hash
    hint        TEXT NOT NULL,                  -- its last 4 characters
    created_at  TEXT NOT NULL,
    expires_at  TEXT,                           -- NULL = valid until revoked
    revoked_at  TEXT,
    last_used_at TEXT
) STRICT;

CREATE INDEX device_key_by_device ON device_key (device_id);

CREATE TABLE enrolment_code (                   -- shown once to a person, exchanged once by a camera for its key
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL UNIQUE,
    device_id   INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    created_at  TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    used_at     TEXT
) STRICT;

CREATE TABLE device_config (                    -- the highest version is in force; a revert is a new version
    device_id   INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    body        TEXT NOT NULL CHECK (json_valid(body)),  -- pivision.config writes and reads it
    made_at     TEXT NOT NULL,
    made_by     TEXT NOT NULL,
    note        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (device_id, version)
) STRICT, WITHOUT ROWID;

-- ----------------------------------------------------------------------------------------------- pictures

CREATE TABLE segment (                          -- a file that the pictures of some seconds were appended to
    id          INTEGER PRIMARY KEY,
    path        TEXT NOT NULL UNIQUE,
    opened_at   TEXT NOT NULL,
    closed_at   TEXT,                           -- NULL while it grows
    bytes       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE capture (                          -- a picture that was acknowledged
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id     INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    boot_id       TEXT NOT NULL DEFAULT '',     -- scopes seq: a camera that lost its counter begins a new one
    seq           INTEGER NOT NULL,
    captured_at   TEXT,                         -- as the camera says, NULL when its clock was not set
    captured_raw  TEXT,
    received_at   TEXT NOT NULL,
    width         INTEGER NOT NULL,
    height        INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    sha256        BLOB NOT NULL,
    segment_id    INTEGER REFERENCES segment (id),  -- NULL when its bytes are gone
    position      INTEGER,                      -- of the first byte in the segment
    status        TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'processed', 'skipped', 'failed')),
    processed_at  TEXT,
    scores        TEXT,                         -- small JSON: what the detector measured
    meta          TEXT                          -- small JSON: what the camera said besides
) STRICT;

CREATE UNIQUE INDEX capture_once ON capture (device_id, boot_id, seq);
CREATE INDEX capture_by_time ON capture (device_id, received_at);
CREATE INDEX capture_by_segment ON capture (segment_id) WHERE segment_id IS NOT NULL;
CREATE INDEX capture_by_age ON capture (received_at);

CREATE TABLE job (                              -- done jobs are gone: capture.status says it
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL CHECK (kind IN ('analyze_frame')),
    device_id    INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    capture_id   INTEGER NOT NULL UNIQUE REFERENCES capture (id) ON DELETE CASCADE,
    status       TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    kills        INTEGER NOT NULL DEFAULT 0,    -- workers that ended with it in their hands
    run_after    TEXT NOT NULL,                 -- not before
    lease_owner  TEXT,
    lease_until  TEXT,
    last_error   TEXT,
    created_at   TEXT NOT NULL
) STRICT;

CREATE INDEX job_waiting ON job (device_id, id) WHERE status = 'queued';
CREATE INDEX job_running ON job (lease_until) WHERE status = 'running';
CREATE INDEX job_dead ON job (id) WHERE status = 'dead';

CREATE TABLE queue_turn (                       -- one line: whose job was taken last, the next camera is next
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    device_id  INTEGER NOT NULL
) STRICT;

INSERT INTO queue_turn (one, device_id) VALUES (1, 0);

CREATE TABLE detector_state (                   -- with it a worker that starts again goes on where it was
    device_id   INTEGER PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    capture_id  INTEGER NOT NULL,               -- the last one that is in it
    phase       TEXT NOT NULL,
    body        TEXT NOT NULL CHECK (json_valid(body)),
    arrays      TEXT,                           -- path of the arrays' file, NULL before the first
    keep        TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(keep)),  -- capture ids whose pictures it still needs
    saved_at    TEXT NOT NULL
) STRICT;

CREATE TABLE recording (                        -- all frames of a camera are kept for a while, to tune by
    id          INTEGER PRIMARY KEY,
    device_id   INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    started_at  TEXT NOT NULL,
    ends_at     TEXT NOT NULL,
    keep_until  TEXT NOT NULL,                  -- then its frames go, too
    made_by     TEXT NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------------------- events

CREATE TABLE event (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id    INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    kind         TEXT NOT NULL CHECK (kind IN (
                     'interaction_detected', 'stock_changed', 'camera_obstructed', 'scene_shifted', 'camera_dark',
                     'camera_offline', 'camera_online', 'empty_confirmed', 'restocked')),
    slot         TEXT NOT NULL DEFAULT '',      -- the inventory region, for what goes by slot
    start_capture_id INTEGER NOT NULL,          -- 0 for what no picture began
    started_at   TEXT NOT NULL,
    ended_at     TEXT,
    confidence   REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    observed_interaction INTEGER CHECK (observed_interaction IN (0, 1)),
    person_count INTEGER,
    summary      TEXT NOT NULL,
    details      TEXT NOT NULL CHECK (json_valid(details)),
    note         TEXT NOT NULL DEFAULT '',
    review       TEXT NOT NULL DEFAULT 'new' CHECK (review IN ('new', 'right', 'wrong')),
    reviewed_by  TEXT,
    reviewed_at  TEXT,
    starred      INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
    created_at   TEXT NOT NULL
) STRICT;

-- Work that is done twice after a crash makes one event.
CREATE UNIQUE INDEX event_once ON event (device_id, kind, slot, start_capture_id, started_at);
CREATE INDEX event_by_time ON event (started_at);
CREATE INDEX event_by_device ON event (device_id, started_at);

CREATE TABLE event_picture (
    event_id    INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    role        TEXT NOT NULL CHECK (role IN ('pre', 'during', 'post', 'annotated', 'thumb')),
    capture_id  INTEGER,
    path        TEXT NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    stored_at   TEXT NOT NULL,
    doomed_at   TEXT,                           -- retention says it goes; the file is removed after this is committed
    deleted_at  TEXT,                           -- the file is gone
    PRIMARY KEY (event_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_picture_present ON event_picture (stored_at) WHERE deleted_at IS NULL;
CREATE INDEX event_picture_by_path ON event_picture (path);

-- --------------------------------------------------------------------------------------------- told to others

CREATE TABLE subscriber (                       -- a webhook or an MQTT broker; secrets lie in the credentials folder
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('webhook', 'mqtt')),
    name        TEXT NOT NULL UNIQUE,
    body        TEXT NOT NULL CHECK (json_valid(body)),
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE delivery (                         -- an event on its way to a subscriber
    id             INTEGER PRIMARY KEY,
    subscriber_id  INTEGER NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
    event_id       INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    moment         TEXT NOT NULL CHECK (moment IN ('start', 'end')),
    attempts       INTEGER NOT NULL DEFAULT 0,
    run_after      TEXT NOT NULL,
    delivered_at   TEXT,
    given_up_at    TEXT,
    last_error     TEXT,
    UNIQUE (subscriber_id, event_id, moment)
) STRICT;

CREATE INDEX delivery_waiting ON delivery (run_after) WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- ---------------------------------------------------------------------------------------- health, people, audit

CREATE TABLE health (                           -- how each part of the appliance does
    name          TEXT PRIMARY KEY,             -- worker, retention, telling, …
    last_success  TEXT,
    last_error_at TEXT,
    last_error    TEXT,
    details       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details))
) STRICT, WITHOUT ROWID;

CREATE TABLE ingest_minute (                    -- requests by minute and outcome; kept 30 days
    minute      TEXT NOT NULL,                  -- 2026-11-21T02:45Z
    endpoint    TEXT NOT NULL,
    code        TEXT NOT NULL,                  -- ok, duplicate, or the error's code
    requests    INTEGER NOT NULL,
    total_ms    REAL NOT NULL,
    slowest_ms  REAL NOT NULL,
    bytes       INTEGER NOT NULL,
    PRIMARY KEY (minute, endpoint, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (                          -- of the appliance as a whole: retention, quiet hours, time zone
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL CHECK (json_valid(value)),
    changed_at  TEXT NOT NULL,
    changed_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role           TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    password_hash  TEXT NOT NULL,               -- argon2
    active         INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at     TEXT NOT NULL,
    last_login_at  TEXT
) STRICT;

CREATE TABLE audit (                            -- append-only
    id      INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    key     TEXT NOT NULL,
    old     TEXT,
    new     TEXT
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
