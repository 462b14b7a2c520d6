-- Every brand that a product ever had, equal ones once, with its words and their tails: where brands are looked up.
CREATE TABLE brands (
    folded text PRIMARY KEY COLLATE "C",
    words tsvector NOT NULL
);
CREATE INDEX brands_words ON brands USING gin (words) WITH (fastupdate = off);
INSERT INTO brands (folded, words)
SELECT DISTINCT ON (brand_folded) brand_folded, strip(ts_filter(words, '{b}'))
FROM products JOIN product_words ON product_id = id
WHERE brand_folded <> '' ORDER BY brand_folded;

-- How often each spelling of a brand is on sale, without looking at products.
CREATE INDEX products_brand_spelling ON products (brand_folded, brand) INCLUDE (category)
    WHERE on_sale AND brand_folded IS NOT NULL;
