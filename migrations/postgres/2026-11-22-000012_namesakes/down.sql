DROP INDEX users_email_lower_idx;
CREATE INDEX users_email_lower_idx ON users (email_lower);
DROP INDEX users_name_lower_idx;
CREATE INDEX users_name_lower_idx ON users (name_lower);
