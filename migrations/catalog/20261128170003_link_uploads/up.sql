-- Uploads that were shown at their product: once, also when the picture was taken off again, or found no room.
CREATE TABLE linked_uploads (
    upload_id uuid PRIMARY KEY,
    linked_at timestamptz NOT NULL,
    -- There was no room: it is never shown.
    was_refused boolean NOT NULL
);
