CREATE INDEX vocabulary_inside ON vocabulary USING gin (word gin_trgm_ops);
DROP INDEX vocabulary_typos;
DROP FUNCTION letter_left_out;
DROP INDEX product_words_newest;
ALTER TABLE product_words RESET (fillfactor);
ALTER TABLE product_words DROP CONSTRAINT product_words_on_sale;
UPDATE product_words
SET words = ts_delete(words, ARRAY(SELECT lexeme FROM unnest(words) WHERE left(lexeme, 1) IN ('-', '+')));
ALTER TABLE product_words DROP COLUMN on_sale, DROP COLUMN created_at;
ALTER TABLE products DROP CONSTRAINT products_on_sale_once;
