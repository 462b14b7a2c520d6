DROP TRIGGER product_words_complete ON product_words;
DROP FUNCTION complete_words;
ALTER TABLE product_words DROP CONSTRAINT product_words_complete, DROP CONSTRAINT product_words_on_sale;
