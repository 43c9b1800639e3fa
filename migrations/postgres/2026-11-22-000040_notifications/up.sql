-- What users are told of events. An event may be gone before its notifications.
CREATE TABLE notifications (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    severity TEXT NOT NULL,
    body TEXT NOT NULL,
    hyperlink TEXT,
    hyperlink_label TEXT,
    created BIGINT NOT NULL,
    event_id UUID,
    action TEXT,
    seen BOOLEAN NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX notifications_user_id_idx ON notifications (user_id, id);
CREATE INDEX notifications_seen_idx ON notifications (user_id, seen, id);
CREATE INDEX notifications_expires_idx ON notifications (expires);
