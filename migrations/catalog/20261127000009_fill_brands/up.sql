INSERT INTO brands (folded, words)
SELECT DISTINCT ON (brand_folded) brand_folded, strip(ts_filter(words, '{b}'))
FROM products JOIN product_words ON product_id = id
WHERE brand_folded <> '' ORDER BY brand_folded
ON CONFLICT DO NOTHING;
