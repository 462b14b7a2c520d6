-- A deleted category stays as long as deleted products name it; its slug may be taken again.
ALTER TABLE categories ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT categories_deleted CHECK (deleted_at IS NULL OR NOT is_active);
-- Whether a category is still in use, on sale or not.
CREATE INDEX products_in_category ON products (category) WHERE deleted_at IS NULL;
