-- Every brand that a product ever had, equal ones once, with its words and their tails: where brands are looked up.
CREATE TABLE brands (
    folded text PRIMARY KEY COLLATE "C",
    words tsvector NOT NULL
);
CREATE INDEX brands_words ON brands USING gin (words) WITH (fastupdate = off);

-- Programs of the release before do not know this table either.
CREATE OR REPLACE FUNCTION complete_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT products.on_sale, products.created_at INTO NEW.on_sale, NEW.created_at
    FROM products WHERE products.id = NEW.product_id;
    IF NOT NEW.words @@ '''+'':*'::tsquery THEN
        NEW.words = spread_words(NEW.words);
        INSERT INTO brands (folded, words)
        SELECT brand_folded, strip(ts_filter(NEW.words, '{b}')) FROM products
        WHERE id = NEW.product_id AND brand_folded <> '' ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEW;
END $$;
