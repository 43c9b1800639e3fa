ALTER TABLE brands DROP COLUMN client_certificates;
