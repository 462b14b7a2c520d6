CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The folded words of a product that is not deleted: weight A of its name, B of its brand, C of its description.
CREATE TABLE product_words (
    product_id uuid PRIMARY KEY CONSTRAINT product_words_product REFERENCES products ON DELETE CASCADE,
    words tsvector NOT NULL
);
CREATE INDEX product_words_words ON product_words USING gin (words) WITH (fastupdate = off);

-- Every word that a name or a brand ever had: where the inside of words is looked up.
CREATE TABLE vocabulary (
    word text PRIMARY KEY COLLATE "C"
);
CREATE INDEX vocabulary_inside ON vocabulary USING gin (word gin_trgm_ops);
