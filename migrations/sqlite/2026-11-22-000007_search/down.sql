CREATE TABLE events_by_row (
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
INSERT INTO events_by_row SELECT id, action, app, user_info, user_pk, context, client_ip, created, expires FROM events;
DROP TABLE events;
ALTER TABLE events_by_row RENAME TO events;
CREATE INDEX events_action_idx ON events (action);
CREATE INDEX events_user_pk_idx ON events (user_pk);
CREATE INDEX events_expires_idx ON events (expires);

DELETE FROM counters WHERE name IN ('users', 'search_words');
DROP TABLE search_words;
DROP INDEX groups_superuser_idx;
ALTER TABLE groups DROP COLUMN words;
DROP INDEX users_inactive_idx;
DROP INDEX users_user_type_idx;
DROP INDEX users_last_updated_idx;
DROP INDEX users_date_joined_idx;
DROP INDEX users_name_lower_idx;
ALTER TABLE users DROP COLUMN words;
ALTER TABLE users DROP COLUMN name_lower;
