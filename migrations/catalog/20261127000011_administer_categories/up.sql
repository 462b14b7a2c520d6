-- A deleted category stays as long as deleted products name it; its slug may be taken again.
ALTER TABLE categories ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT categories_deleted CHECK (deleted_at IS NULL OR NOT is_active);
