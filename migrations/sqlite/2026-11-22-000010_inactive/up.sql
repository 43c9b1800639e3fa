-- Holds the condition too, so that rows which are passed over are not looked up.
DROP INDEX users_inactive_idx;
CREATE INDEX users_inactive_idx ON users (username_lower, is_active) WHERE NOT is_active;
