-- Lists in the order of these indexes ask for names and identifiers of many more rows than they show: with both in the
-- index, no row is read that is not looked at.
DROP INDEX users_path_idx;
CREATE INDEX users_path_idx ON users (path, username_lower, id);
DROP INDEX users_user_type_idx;
CREATE INDEX users_user_type_idx ON users (user_type, username_lower, id);
DROP INDEX users_inactive_idx;
CREATE INDEX users_inactive_idx ON users (username_lower, is_active, id) WHERE NOT is_active;
