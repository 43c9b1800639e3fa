-- Members of a group, and users of a path or kind, in the order of their names, however many they are.

-- The folded name of the member.
ALTER TABLE group_members ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
UPDATE group_members SET sort_key = (SELECT u.username_lower FROM users u WHERE u.id = group_members.user_id);
CREATE INDEX group_members_sort_key_idx ON group_members (group_id, sort_key, user_id);

DROP INDEX users_path_idx;
CREATE INDEX users_path_idx ON users (path, username_lower);
DROP INDEX users_user_type_idx;
CREATE INDEX users_user_type_idx ON users (user_type, username_lower);
