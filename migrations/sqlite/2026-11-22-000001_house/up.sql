-- What the store itself needs: settings, counters, announcements, schedules.

-- Values by name, as JSON.
CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated BIGINT NOT NULL
) WITHOUT ROWID;

-- Integer keys, handed out inside the transaction that uses them.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;

-- What changed, for other processes; rows live for minutes.
CREATE TABLE changes (
    id BLOB NOT NULL PRIMARY KEY,
    origin BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    created BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX changes_created_idx ON changes (created);

-- Recurring work, run by whoever holds the lease.
CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    next_run BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT
) WITHOUT ROWID;
