-- The trigger completes them, some at a time: nobody waits long for a product.
DO $$
DECLARE
    ids uuid[];
BEGIN
    LOOP
        SELECT array_agg(product_id) INTO ids
        FROM (SELECT product_id FROM product_words WHERE on_sale IS NULL LIMIT 20) AS next;
        EXIT WHEN ids IS NULL;
        PERFORM FROM products WHERE id = ANY (ids) ORDER BY id FOR KEY SHARE;
        UPDATE product_words SET words = words WHERE product_id = ANY (ids);
        COMMIT;
    END LOOP;
END $$;
