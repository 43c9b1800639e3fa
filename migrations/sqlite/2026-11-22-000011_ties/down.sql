DROP INDEX users_last_updated_idx;
CREATE INDEX users_last_updated_idx ON users (last_updated);
DROP INDEX users_date_joined_idx;
CREATE INDEX users_date_joined_idx ON users (date_joined);
