DROP INDEX users_inactive_idx;
CREATE INDEX users_inactive_idx ON users (username_lower, is_active) WHERE NOT is_active;
DROP INDEX users_user_type_idx;
CREATE INDEX users_user_type_idx ON users (user_type, username_lower);
DROP INDEX users_path_idx;
CREATE INDEX users_path_idx ON users (path, username_lower);
