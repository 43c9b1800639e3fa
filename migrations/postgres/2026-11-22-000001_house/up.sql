-- What the store itself needs: settings, counters, announcements, schedules.

-- Values by name, as JSON.
CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated BIGINT NOT NULL
);

-- Integer keys, handed out inside the transaction that uses them.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- What changed, for other processes; rows live for minutes.
CREATE TABLE changes (
    id UUID NOT NULL PRIMARY KEY,
    origin UUID NOT NULL,
    kind TEXT NOT NULL,
    subject BYTEA NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX changes_created_idx ON changes (created);

-- Recurring work, run by whoever holds the lease.
CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    next_run BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT
);
