-- A blueprint that stands in no file.
ALTER TABLE blueprint_instances ADD COLUMN content TEXT NOT NULL DEFAULT '';
