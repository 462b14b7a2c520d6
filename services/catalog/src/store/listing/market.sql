-- A market to explain queries on; its words are made of syllables, so that they begin, end and go on alike.
CREATE FUNCTION made_word(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN n % 3 = 0 THEN 'ال' || string_agg(substr('بتجحخدرسشصطعغفقكلمنهو', 1 + floor(n / 21 ^ place)::int % 21, 1), '')
        ELSE string_agg((ARRAY['ba','cre','di','for','ga','lo','mi','ne','par','qui','re','sa','ta'])[
            1 + floor(n / 13 ^ place)::int % 13], '') END
    FROM generate_series(0, 3) AS place
$$;
-- Some numbers come often, most seldom.
CREATE FUNCTION drawn(n bigint, turn bigint, most int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(most * ((hashint8extended(n * 64 + turn, 7) & 1073741823) / 1073741824.0) ^ 3)::bigint
$$;
INSERT INTO sellers (id, full_name, seller_category, is_verified, may_sell, version)
SELECT lpad(n::text, 32, '0')::uuid, 'Boutique ' || n, 'grossiste', false, true, 1 FROM generate_series(1, 100) n;
CREATE TABLE made AS SELECT n, gen_random_uuid() AS id, 'marque' || n % 1000 AS brand,
    (SELECT array_agg(DISTINCT made_word(drawn(n, turn, 30000))) FROM generate_series(1, 6) turn) AS name,
    (SELECT array_agg(DISTINCT made_word(drawn(n, turn, 30000))) FROM generate_series(11, 30) turn) AS description
FROM generate_series(1, 10000) n;
INSERT INTO products (id, seller_id, slug, name, name_folded, price, category, brand, brand_folded, description,
    min_order_quantity, seller_category, is_new, is_promo, benefits, tags, status, version, created_at, updated_at,
    seller_may_sell)
SELECT id, lpad((1 + n % 100)::text, 32, '0')::uuid, 'slug-' || n, array_to_string(made.name, ' '),
    array_to_string(made.name, ' '), (n * 7919::bigint) % 5000000,
    (SELECT slug FROM categories WHERE display_order = 1 + n % 20), brand, brand,
    array_to_string(made.description, ' '), 1, 'grossiste', false, false, '{}', '{}', 'active', 1,
    now() - n * interval '1 minute', now(), true
FROM made;
INSERT INTO shown_stock (product_id, free, switched_on, version, updated_at)
SELECT id, CASE WHEN price % 10 = 0 THEN 0 ELSE 5 END, true, 1, now() FROM products;
INSERT INTO product_words (product_id, on_sale, created_at, words)
SELECT products.id, on_sale, created_at, (
    SELECT string_agg(format('%L:%s', entry, place), ' ')::tsvector FROM (
        SELECT word AS entry, '1A' AS place FROM unnest(made.name) word
        UNION ALL SELECT '+' || word, '1A' FROM unnest(made.name) word
        UNION ALL SELECT '-' || substr(word, start), '1A'
        FROM unnest(made.name) word, generate_series(2, char_length(word) - 2) start
        UNION ALL SELECT made.brand, '2B'
        UNION ALL SELECT '-' || substr(made.brand, start), '2B' FROM generate_series(2, char_length(made.brand) - 2) start
        UNION ALL SELECT word, '3C' FROM unnest(made.description) word
    ) AS entries)
FROM products JOIN made USING (id);
INSERT INTO vocabulary (word) SELECT DISTINCT made_word(n) FROM generate_series(0, 30000) n ON CONFLICT DO NOTHING;
INSERT INTO brands (folded, words)
SELECT DISTINCT ON (brand_folded) brand_folded, strip(ts_filter(words, '{b}'))
FROM products JOIN product_words ON product_id = id ORDER BY brand_folded;
DROP TABLE made;
