-- A tombstone knows nobody.
ALTER TABLE users ADD CONSTRAINT users_erased CHECK (
    deleted_at IS NULL OR (full_name = 'Deleted user' AND email IS NULL AND phone IS NULL AND wilaya IS NULL
        AND bio IS NULL AND avatar_url IS NULL)) NOT VALID;
