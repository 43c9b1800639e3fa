-- Lists and searches that cost the same however many there are.

-- Texts by which lists are ordered or searched by their beginning are compared byte by byte, as SQLite does.
ALTER TABLE users ALTER COLUMN username_lower TYPE TEXT COLLATE "C";
ALTER TABLE users ALTER COLUMN email_lower TYPE TEXT COLLATE "C";
ALTER TABLE users ALTER COLUMN path TYPE TEXT COLLATE "C";
ALTER TABLE groups ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE tokens ALTER COLUMN identifier TYPE TEXT COLLATE "C";

-- Both are made by the program: the folded name, and the words by which somebody is found, each after a blank.
ALTER TABLE users ADD COLUMN name_lower TEXT COLLATE "C" NOT NULL DEFAULT '';
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
    word TEXT COLLATE "C" NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    object_id UUID NOT NULL,
    PRIMARY KEY (kind, word, sort_key, object_id)
);

-- How many users there are.
INSERT INTO counters (name, value) SELECT 'users', COUNT(*) FROM users;

-- Lists of these go by identifier.
DROP INDEX grants_user_id_idx;
DROP INDEX grants_provider_id_idx;
DROP INDEX consents_application_id_idx;
CREATE INDEX grants_user_id_idx ON grants (user_id, id);
CREATE INDEX grants_provider_id_idx ON grants (provider_id, id);
CREATE INDEX consents_application_id_idx ON consents (application_id, id);

-- The object that an event is about.
ALTER TABLE events ADD COLUMN model TEXT;
ALTER TABLE events ADD COLUMN object_id UUID;
DROP INDEX events_action_idx;
DROP INDEX events_user_pk_idx;
DROP INDEX events_expires_idx;
-- Holds all that statistics ask.
CREATE INDEX events_action_idx ON events (action, id, created, user_pk, object_id);
CREATE INDEX events_user_pk_idx ON events (user_pk, id);
CREATE INDEX events_client_ip_idx ON events (client_ip, id);
CREATE INDEX events_expires_idx ON events (expires);
-- Only of events about objects that administrators change: signing in does not write to it.
CREATE INDEX events_object_id_idx ON events (object_id, id) WHERE model IS NOT NULL;
