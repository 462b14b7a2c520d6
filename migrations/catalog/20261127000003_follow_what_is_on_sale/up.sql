-- In the order in which writers lock them.
LOCK TABLE products IN SHARE ROW EXCLUSIVE MODE;
-- The reference carries every change along. What is not complete yet refers to nothing; what is written from now on is.
ALTER TABLE product_words
    ADD CONSTRAINT product_words_on_sale FOREIGN KEY (product_id, on_sale)
        REFERENCES products (id, on_sale) ON UPDATE CASCADE ON DELETE CASCADE NOT VALID,
    ADD CONSTRAINT product_words_complete CHECK (on_sale IS NOT NULL AND created_at IS NOT NULL) NOT VALID;

-- What programs write that know none of this: those of the release before, beside this one. Goes with them.
CREATE FUNCTION complete_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT products.on_sale, products.created_at INTO NEW.on_sale, NEW.created_at
    FROM products WHERE products.id = NEW.product_id;
    IF NOT NEW.words @@ '''+'':*'::tsquery THEN
        NEW.words = spread_words(NEW.words);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER product_words_complete BEFORE INSERT OR UPDATE OF words ON product_words
    FOR EACH ROW WHEN (NEW.on_sale IS NULL OR NOT NEW.words @@ '''+'':*'::tsquery) EXECUTE FUNCTION complete_words();
