-- Roles and their permissions, revisions, sessions used by somebody else, tokens restricted to permissions.

CREATE TABLE roles (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    managed TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX roles_name_key ON roles (name);
CREATE UNIQUE INDEX roles_managed_key ON roles (managed);

-- The object 00000000-0000-0000-0000-000000000000 stands for all objects.
CREATE TABLE role_permissions (
    role_id BLOB NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    object_id BLOB NOT NULL,
    PRIMARY KEY (role_id, permission, object_id)
) WITHOUT ROWID;
CREATE INDEX role_permissions_object_id_idx ON role_permissions (object_id);

CREATE TABLE role_groups (
    role_id BLOB NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    group_id BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, group_id)
) WITHOUT ROWID;
CREATE INDEX role_groups_group_id_idx ON role_groups (group_id);

CREATE TABLE role_users (
    role_id BLOB NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, user_id)
) WITHOUT ROWID;
CREATE INDEX role_users_user_id_idx ON role_users (user_id);

-- Identifiers sort by time. No foreign keys: an object's history outlives it.
CREATE TABLE revisions (
    id BLOB NOT NULL PRIMARY KEY,
    model TEXT NOT NULL,
    object_id BLOB NOT NULL,
    created BIGINT NOT NULL,
    user_info TEXT,
    user_pk BIGINT,
    action TEXT NOT NULL,
    document TEXT NOT NULL,
    diff TEXT NOT NULL
);
CREATE INDEX revisions_object_id_id_idx ON revisions (object_id, id);

-- Set in the sessions that somebody uses in their user's place. The index holds only those.
ALTER TABLE sessions ADD COLUMN impersonator TEXT;
ALTER TABLE sessions ADD COLUMN impersonator_id BLOB;
CREATE INDEX sessions_impersonator_id_idx ON sessions (impersonator_id) WHERE impersonator_id IS NOT NULL;

-- The only permissions that a token carries, as a JSON list.
ALTER TABLE tokens ADD COLUMN permissions TEXT;
