DROP FUNCTION letter_left_out;
DROP FUNCTION spread_words;
ALTER TABLE product_words RESET (fillfactor), DROP COLUMN on_sale, DROP COLUMN created_at;
UPDATE product_words
SET words = ts_delete(words, ARRAY(SELECT lexeme FROM unnest(words) WHERE left(lexeme, 1) IN ('-', '+')));
