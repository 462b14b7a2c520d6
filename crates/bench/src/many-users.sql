-- Two hundred thousand accounts, two thousand of them sellers.
INSERT INTO users (id, clerk_id, email, full_name, role, seller_category, approval, phone, wilaya, is_verified, created_at,
    name_words, wilaya_folded)
SELECT md5('user ' || n)::uuid, 'user_many' || n, 'buyer' || n || '@example.dz', first || ' ' || last || ' ' || n,
    CASE WHEN n % 100 = 0 THEN 'seller' ELSE 'customer' END,
    CASE WHEN n % 100 = 0 THEN (ARRAY['importateur', 'grossiste', 'fournisseur'])[1 + n / 100 % 3] END,
    CASE WHEN n % 100 = 0 THEN (ARRAY['approved', 'approved', 'approved', 'pending'])[1 + n / 100 % 4] END,
    '+2135' || lpad(n::text, 8, '0'), wilaya, n % 7 = 0, now() - n * interval '1 minute',
    ' ' || lower(first) || ' ' || lower(last) || ' ' || n, lower(wilaya)
FROM generate_series(1, 200000) n,
    LATERAL (SELECT (ARRAY['Amina', 'Yacine', 'Karim', 'Nadia', 'Salim', 'Lina', 'Omar', 'Rania'])[1 + n % 8] AS first,
        (ARRAY['Ben','Bou','Had','Man','Ka','Zia','Bra','Saa','Che','Mer'])[1 + n / 8 % 10]
            || (ARRAY['ali','dad','souri','ci','ni','himi','di','rif','bah','zak','lem','tout'])[1 + n / 80 % 12] AS last,
        (ARRAY['Alger', 'Oran', 'Constantine', 'Annaba', 'Batna'])[1 + n % 5] AS wilaya) AS words;
INSERT INTO audit (id, actor_id, action, target_type, target_id, changes, created_at)
SELECT gen_random_uuid(), md5('admin ' || n % 5)::uuid, (ARRAY['user.active_changed', 'product.changed', 'order.moved'])[1 + n % 3],
    (ARRAY['user', 'product', 'order'])[1 + n % 3], md5('target ' || n % 20000)::uuid::text, '{}', now() - n * interval '1 minute'
FROM generate_series(1, 100000) n;
