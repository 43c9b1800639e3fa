-- The audit trail and the jobs.

-- Identifiers sort by time. No foreign keys: the trail outlives what it tells of.
CREATE TABLE events (
    id BLOB NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    app TEXT NOT NULL,
    user_info TEXT,
    user_pk BIGINT,
    context TEXT NOT NULL,
    client_ip TEXT,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX events_action_idx ON events (action);
CREATE INDEX events_user_pk_idx ON events (user_pk);
CREATE INDEX events_expires_idx ON events (expires);

CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    last_error TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX jobs_state_run_at_idx ON jobs (state, run_at);
