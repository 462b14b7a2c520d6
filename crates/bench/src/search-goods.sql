-- A hundred thousand products to search among, past the services: names of six words, some common, most rare, a third of
-- them Arabic, out of a hundred thousand; brands and descriptions to go with them. As catalog writes them itself.
CREATE TABLE bench_words AS
SELECT n, CASE WHEN n % 3 = 0
    THEN 'ال' || string_agg(substr('بتجحخدرسشصطعغفقكلمنهو', 1 + floor(n / 21 ^ place)::int % 21, 1), '' ORDER BY place)
    ELSE string_agg((ARRAY['ba','cre','di','for','ga','lo','mi','ne','par','qui','re','sa','ta','ver','xo','clu','dra','eau'])[
        1 + floor(n * 7 / 18 ^ place)::int % 18], '' ORDER BY place) END AS word
FROM generate_series(0, 99999) n, generate_series(0, 3) place GROUP BY n;
CREATE UNIQUE INDEX ON bench_words (n);
CREATE FUNCTION bench_draw(n bigint, turn bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(100000 * ((hashint8extended(n * 64 + turn, 7) & 1073741823) / 1073741824.0) ^ 3)::int
$$;
CREATE TABLE bench_goods AS
SELECT product AS n, gen_random_uuid() AS id, initcap(brand.word) AS brand,
    (SELECT array_agg(DISTINCT word) FROM generate_series(1, 6) turn
        JOIN bench_words ON n = bench_draw(product, turn)) AS name,
    (SELECT array_agg(DISTINCT word) FROM generate_series(11, 30) turn
        JOIN bench_words ON n = bench_draw(product, turn)) AS description
FROM generate_series(1, 100000) product JOIN bench_words AS brand ON brand.n = 500 + product % 2000;

INSERT INTO products (id, seller_id, slug, name, name_folded, price, category, brand, brand_folded, description,
    min_order_quantity, seller_category, is_new, is_promo, benefits, tags, status, version, created_at, updated_at,
    seller_may_sell)
SELECT id, sellers.ids[1 + n % cardinality(sellers.ids)], 'bench-search-' || n, array_to_string(name, ' '),
    array_to_string(name, ' '), (n * 7919::bigint) % 9000000, categories.slugs[1 + n % cardinality(categories.slugs)],
    brand, lower(brand), array_to_string(description, ' '), 1, 'grossiste', false, false, '{}', '{}', 'active', 1,
    now() - n * interval '10 seconds', now(), true
FROM bench_goods, (SELECT array_agg(id) AS ids FROM sellers WHERE may_sell) AS sellers,
    (SELECT array_agg(slug) AS slugs FROM categories WHERE is_active) AS categories;
INSERT INTO shown_stock (product_id, free, switched_on, version, updated_at) SELECT id, 5, true, 1, now() FROM bench_goods;
INSERT INTO product_words (product_id, on_sale, created_at, words)
SELECT products.id, on_sale, created_at, (
    SELECT string_agg(format('%L:%s', entry, place), ' ')::tsvector FROM (
        SELECT word AS entry, '1A' AS place FROM unnest(goods.name) word
        UNION ALL SELECT '+' || word, '1A' FROM unnest(goods.name) word
        UNION ALL SELECT '-' || substr(word, start), '1A'
        FROM unnest(goods.name) word, generate_series(2, char_length(word) - 2) start
        UNION ALL SELECT lower(goods.brand), '2B'
        UNION ALL SELECT '-' || substr(lower(goods.brand), start), '2B'
        FROM generate_series(2, char_length(goods.brand) - 2) start
        UNION ALL SELECT word, '3C' FROM unnest(goods.description) word
    ) AS entries)
FROM products JOIN bench_goods AS goods USING (id);
INSERT INTO vocabulary (word) SELECT word FROM bench_words ON CONFLICT DO NOTHING;
INSERT INTO brands (folded, words)
SELECT DISTINCT ON (brand_folded) brand_folded, strip(ts_filter(words, '{b}'))
FROM products JOIN product_words ON product_id = id WHERE slug LIKE 'bench-search-%' ORDER BY brand_folded
ON CONFLICT DO NOTHING;
