-- What of its surroundings a session is bound to: JSON, and nothing for most.
ALTER TABLE sessions ADD COLUMN binding TEXT;
