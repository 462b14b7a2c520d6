CREATE OR REPLACE FUNCTION complete_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT products.on_sale, products.created_at INTO NEW.on_sale, NEW.created_at
    FROM products WHERE products.id = NEW.product_id;
    IF NOT NEW.words @@ '''+'':*'::tsquery THEN
        NEW.words = spread_words(NEW.words);
    END IF;
    RETURN NEW;
END $$;
DROP TABLE brands;
