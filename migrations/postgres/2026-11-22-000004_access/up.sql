-- What people and applications hold. No foreign keys: these are the hottest tables.

-- Keys are SHA-256 of what the browser holds.
CREATE TABLE sessions (
    key BYTEA NOT NULL PRIMARY KEY,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    created BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    auth_method TEXT NOT NULL,
    auth_method_args TEXT NOT NULL,
    last_ip TEXT NOT NULL,
    last_user_agent TEXT NOT NULL
);
CREATE UNIQUE INDEX sessions_id_key ON sessions (id);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_idx ON sessions (expires);

-- The state is sealed.
CREATE TABLE flow_plans (
    key BYTEA NOT NULL PRIMARY KEY,
    plan_id UUID NOT NULL,
    step INTEGER NOT NULL,
    state BYTEA NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX flow_plans_expires_idx ON flow_plans (expires);

CREATE TABLE grants (
    id UUID NOT NULL PRIMARY KEY,
    provider_id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID,
    scope TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    nonce TEXT,
    auth_method TEXT NOT NULL,
    created BIGINT NOT NULL,
    refresh_generation INTEGER NOT NULL,
    refresh_key BYTEA,
    expires BIGINT NOT NULL,
    revoked BIGINT
);
CREATE INDEX grants_user_id_idx ON grants (user_id);
CREATE INDEX grants_session_id_idx ON grants (session_id);
CREATE INDEX grants_provider_id_idx ON grants (provider_id);
CREATE INDEX grants_revoked_idx ON grants (revoked);
CREATE INDEX grants_expires_idx ON grants (expires);

CREATE TABLE authorization_codes (
    key BYTEA NOT NULL PRIMARY KEY,
    grant_id UUID NOT NULL,
    provider_id UUID NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    expires BIGINT NOT NULL,
    consumed BIGINT
);
CREATE INDEX authorization_codes_expires_idx ON authorization_codes (expires);

CREATE TABLE tokens (
    id UUID NOT NULL PRIMARY KEY,
    identifier TEXT NOT NULL,
    key BYTEA NOT NULL,
    intent TEXT NOT NULL,
    user_id UUID NOT NULL,
    description TEXT NOT NULL,
    expires BIGINT,
    managed TEXT,
    created BIGINT NOT NULL,
    last_used BIGINT
);
CREATE UNIQUE INDEX tokens_identifier_key ON tokens (identifier);
CREATE UNIQUE INDEX tokens_key_key ON tokens (key);
CREATE INDEX tokens_user_id_idx ON tokens (user_id);
CREATE INDEX tokens_expires_idx ON tokens (expires);

CREATE TABLE consents (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    application_id UUID NOT NULL,
    permissions TEXT NOT NULL,
    expires BIGINT
);
CREATE UNIQUE INDEX consents_user_id_application_id_key ON consents (user_id, application_id);
CREATE INDEX consents_application_id_idx ON consents (application_id);
CREATE INDEX consents_expires_idx ON consents (expires);

-- Failed attempts by whatever the digest stands for.
CREATE TABLE throttles (
    key BYTEA NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    window_start BIGINT NOT NULL,
    locked_until BIGINT,
    expires BIGINT NOT NULL
);
CREATE INDEX throttles_expires_idx ON throttles (expires);
