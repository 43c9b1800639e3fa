-- What policies remember of sign-ins.

-- How well an address does with an account. Written in bunches, beside the requests.
CREATE TABLE reputations (
    id BLOB NOT NULL PRIMARY KEY,
    identifier TEXT NOT NULL,
    ip TEXT NOT NULL,
    score INTEGER NOT NULL,
    place TEXT NOT NULL,
    network TEXT NOT NULL,
    updated BIGINT NOT NULL,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX reputations_identifier_ip_key ON reputations (identifier, ip);
CREATE INDEX reputations_ip_idx ON reputations (ip);
CREATE INDEX reputations_expires_idx ON reputations (expires);

-- Hashes of passwords that were replaced.
CREATE TABLE password_history (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    replaced BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX password_history_user_id_idx ON password_history (user_id, replaced);
