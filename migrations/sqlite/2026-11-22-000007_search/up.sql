-- Lists and searches that cost the same however many there are.

-- Both are made by the program: the folded name, and the words by which somebody is found, each after a blank.
ALTER TABLE users ADD COLUMN name_lower TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX users_name_lower_idx ON users (name_lower);
CREATE INDEX users_date_joined_idx ON users (date_joined);
CREATE INDEX users_last_updated_idx ON users (last_updated);
CREATE INDEX users_user_type_idx ON users (user_type);
CREATE INDEX users_inactive_idx ON users (username_lower) WHERE NOT is_active;

ALTER TABLE groups ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX groups_superuser_idx ON groups (name) WHERE is_superuser;

-- Every word of every object that is searched, in the order in which a search shows them. The key is all there is.
CREATE TABLE search_words (
    kind SMALLINT NOT NULL,
    word TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    object_id BLOB NOT NULL,
    PRIMARY KEY (kind, word, sort_key, object_id)
) WITHOUT ROWID;

-- How many users there are.
INSERT INTO counters (name, value) SELECT 'users', COUNT(*) FROM users;

-- The object that an event is about. The rows move into the index of their key, which is one index less to write.
CREATE TABLE events_by_id (
    id BLOB NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    app TEXT NOT NULL,
    user_info TEXT,
    user_pk BIGINT,
    context TEXT NOT NULL,
    client_ip TEXT,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    model TEXT,
    object_id BLOB
) WITHOUT ROWID;
INSERT INTO events_by_id SELECT id, action, app, user_info, user_pk, context, client_ip, created, expires, NULL, NULL FROM events;
DROP TABLE events;
ALTER TABLE events_by_id RENAME TO events;
-- Holds all that statistics ask.
CREATE INDEX events_action_idx ON events (action, id, created, user_pk, object_id);
CREATE INDEX events_user_pk_idx ON events (user_pk, id);
CREATE INDEX events_client_ip_idx ON events (client_ip, id);
CREATE INDEX events_expires_idx ON events (expires);
-- Only of events about objects that administrators change: signing in does not write to it.
CREATE INDEX events_object_id_idx ON events (object_id, id) WHERE model IS NOT NULL;
