-- Thousands of users may have one display name or address, or none: among them the identifier decides, and is not
-- sorted by.
DROP INDEX users_name_lower_idx;
CREATE INDEX users_name_lower_idx ON users (name_lower, id);
DROP INDEX users_email_lower_idx;
CREATE INDEX users_email_lower_idx ON users (email_lower, id);
