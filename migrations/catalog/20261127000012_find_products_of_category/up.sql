-- Whether a category is still in use, on sale or not.
CREATE INDEX CONCURRENTLY products_in_category ON products (category) WHERE deleted_at IS NULL;
