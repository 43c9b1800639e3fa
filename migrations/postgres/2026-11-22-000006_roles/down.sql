ALTER TABLE tokens DROP COLUMN permissions;
DROP INDEX sessions_impersonator_id_idx;
ALTER TABLE sessions DROP COLUMN impersonator_id;
ALTER TABLE sessions DROP COLUMN impersonator;
DROP TABLE revisions;
DROP TABLE role_users;
DROP TABLE role_groups;
DROP TABLE role_permissions;
DROP TABLE roles;
