-- The newest that suggestions try first.
CREATE INDEX CONCURRENTLY product_words_newest ON product_words (created_at, product_id);
