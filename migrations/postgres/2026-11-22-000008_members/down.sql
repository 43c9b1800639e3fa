DROP INDEX users_user_type_idx;
CREATE INDEX users_user_type_idx ON users (user_type);
DROP INDEX users_path_idx;
CREATE INDEX users_path_idx ON users (path);
DROP INDEX group_members_sort_key_idx;
ALTER TABLE group_members DROP COLUMN sort_key;
