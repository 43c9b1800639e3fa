-- An import gives thousands of users one moment: among them the identifier decides, and is not sorted by.
DROP INDEX users_date_joined_idx;
CREATE INDEX users_date_joined_idx ON users (date_joined, id);
DROP INDEX users_last_updated_idx;
CREATE INDEX users_last_updated_idx ON users (last_updated, id);
