-- A million orders of two hundred thousand buyers at two thousand sellers; one buyer has a thousand of them, one seller ten
-- thousand.
INSERT INTO accounts (id, full_name, seller_category, is_verified)
SELECT md5('user ' || n)::uuid, 'Amina ' || n, CASE WHEN n % 100 = 0 THEN 'grossiste' END, false
FROM generate_series(1, 200000) n ON CONFLICT DO NOTHING;
INSERT INTO orders (id, order_number, checkout_id, user_id, seller_id, customer_name, customer_name_folded, customer_phone,
    customer_wilaya, shipping_address, subtotal, shipping_cost, total, status, payment_method, payment_status, created_at,
    updated_at)
SELECT md5('order ' || n)::uuid, 'ZST-1600000000-' || lpad(n::text, 10, '0'), md5('checkout ' || n)::uuid,
    CASE WHEN n % 1000 = 0 THEN $buyer$::uuid ELSE md5('user ' || 1 + n % 200000)::uuid END,
    CASE WHEN n % 100 = 1 THEN $seller$::uuid ELSE md5('user ' || 100 * (1 + n / 7 % 2000))::uuid END,
    name, lower(name), '+2135' || lpad((n % 200000)::text, 8, '0'), 'Alger', '12 rue Didouche Mourad', 100000, 50000, 150000,
    status, 'cod', CASE WHEN status = 'delivered' THEN 'paid' ELSE 'pending' END, at, at
FROM generate_series(1, 1000000) n,
    LATERAL (SELECT (ARRAY['delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'cancelled', 'returned',
            'pending', 'shipped'])[1 + n / 3 % 10] AS status,
        (ARRAY['Amina', 'Yacine', 'Karim', 'Nadia', 'Salim', 'Lina', 'Omar', 'Rania'])[1 + n % 8] || ' '
            || (ARRAY['Ben','Bou','Had','Man','Ka','Zia','Bra','Saa','Che','Mer'])[1 + n / 8 % 10]
            || (ARRAY['ali','dad','souri','ci','ni','himi','di','rif','bah','zak','lem','tout'])[1 + n / 80 % 12] || ' ' || n % 200000 AS name,
        now() - n * interval '30 seconds' AS at) AS made;
INSERT INTO order_items (order_id, position, id, product_id, product_name, quantity, price, subtotal)
SELECT md5('order ' || n)::uuid, 0, md5('item ' || n)::uuid, md5('product ' || n % 100000)::uuid, 'Théière en cuivre', 1, 100000,
    100000
FROM generate_series(1, 1000000) n;
INSERT INTO order_history (order_id, version, id, to_status, payment_status, actor, created_at)
SELECT id, 1, gen_random_uuid(), 'pending', 'pending', 'customer', created_at FROM orders WHERE order_number LIKE 'ZST-1600000000-%';
