-- Looked at while everybody works.
ALTER TABLE product_words VALIDATE CONSTRAINT product_words_on_sale, VALIDATE CONSTRAINT product_words_complete;
-- Nothing has to be read again for this.
ALTER TABLE product_words ALTER COLUMN on_sale SET NOT NULL, ALTER COLUMN created_at SET NOT NULL;
