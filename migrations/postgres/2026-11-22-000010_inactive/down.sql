DROP INDEX users_inactive_idx;
CREATE INDEX users_inactive_idx ON users (username_lower) WHERE NOT is_active;
