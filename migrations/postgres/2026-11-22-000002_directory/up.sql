-- Users and groups.

-- The *_lower columns are NFC and lower-cased by the program; upn_lower is attributes.upn.
CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    pk BIGINT NOT NULL,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL,
    upn_lower TEXT,
    is_active BOOLEAN NOT NULL,
    password TEXT,
    password_change_date BIGINT,
    last_login BIGINT,
    date_joined BIGINT NOT NULL,
    last_updated BIGINT NOT NULL,
    path TEXT NOT NULL,
    user_type TEXT NOT NULL,
    attributes TEXT NOT NULL
);
CREATE UNIQUE INDEX users_pk_key ON users (pk);
CREATE UNIQUE INDEX users_username_lower_key ON users (username_lower);
CREATE INDEX users_email_lower_idx ON users (email_lower);
CREATE INDEX users_upn_lower_idx ON users (upn_lower);
CREATE INDEX users_path_idx ON users (path);

CREATE TABLE groups (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    is_superuser BOOLEAN NOT NULL,
    attributes TEXT NOT NULL
);
CREATE UNIQUE INDEX groups_name_key ON groups (name);

-- A directed graph without circles.
CREATE TABLE group_parents (
    group_id UUID NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    parent_id UUID NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, parent_id)
);
CREATE INDEX group_parents_parent_id_idx ON group_parents (parent_id);

CREATE TABLE group_members (
    group_id UUID NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user_id_idx ON group_members (user_id);
