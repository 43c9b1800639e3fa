-- Whose client certificates a domain believes where a stage names nobody.
ALTER TABLE brands ADD COLUMN client_certificates TEXT NOT NULL DEFAULT '[]';
