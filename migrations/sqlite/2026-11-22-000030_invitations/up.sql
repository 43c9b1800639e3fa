-- Invitations to flows. What a link names is the identifier.
CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    flow_id BLOB REFERENCES flows (id) ON DELETE CASCADE,
    created_by BLOB REFERENCES users (id) ON DELETE CASCADE,
    created BIGINT NOT NULL,
    expires BIGINT,
    single_use BOOLEAN NOT NULL,
    fixed_data TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitations_name_idx ON invitations (name, id);
CREATE INDEX invitations_flow_id_idx ON invitations (flow_id);
CREATE INDEX invitations_created_by_idx ON invitations (created_by);
CREATE INDEX invitations_expires_idx ON invitations (expires);
