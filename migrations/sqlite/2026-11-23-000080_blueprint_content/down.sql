ALTER TABLE blueprint_instances DROP COLUMN content;
