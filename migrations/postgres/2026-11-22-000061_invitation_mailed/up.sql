-- When an invitation went out by mail last.
ALTER TABLE invitations ADD COLUMN mailed BIGINT;
