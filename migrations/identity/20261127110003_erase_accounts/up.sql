-- What was said of an account is said anew when it is deleted.
CREATE INDEX outbox_of_aggregate ON outbox (aggregate_id);

-- A tombstone knows nobody.
ALTER TABLE users ADD CONSTRAINT users_erased CHECK (
    deleted_at IS NULL OR (full_name = 'Deleted user' AND email IS NULL AND phone IS NULL AND wilaya IS NULL
        AND bio IS NULL AND avatar_url IS NULL)) NOT VALID;
