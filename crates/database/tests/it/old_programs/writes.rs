//! What the programs of the first release write, in their words: they knew the tables of 25 November and no others.

/// What a service's programs do, for a `$1` of their own in each round.
pub(super) struct Work {
    /// There before.
    pub(super) given: &'static str,
    pub(super) transactions: &'static [&'static [&'static str]],
    /// Takes a while, and holds the tables that are written.
    pub(super) long_query: &'static str,
    /// Rows that must not be there in the end.
    pub(super) wrong: &'static [&'static str],
}

pub(super) fn of(service: &str) -> Work {
    match service {
        "identity" => IDENTITY,
        "catalog" => CATALOG,
        "cart" => CART,
        "ordering" => ORDERING,
        other => panic!("what does {other} write?"),
    }
}

const SAY: &str =
    "INSERT INTO outbox (event_id, name, aggregate_id, payload) VALUES (gen_random_uuid(), 'something', $1, '')";

const IDENTITY: Work = Work {
    given: "SELECT 1",
    transactions: &[
        &[
            "INSERT INTO users (id, clerk_id, email, full_name, name_words) \
             VALUES ($1, gen_random_uuid()::text, 'rym@example.dz', 'Rym Saadi', ' rym saadi')",
            SAY,
        ],
        &[
            "SELECT full_name FROM users WHERE id = $1 FOR NO KEY UPDATE",
            "UPDATE users SET full_name = 'Rym Haddad', name_words = ' rym haddad', full_name_edited = true, \
             is_active = true, version = version + 1, updated_at = now() WHERE id = $1",
            SAY,
        ],
        // An admin's.
        &[
            "UPDATE users SET is_active = false, version = version + 1 WHERE id = $1",
            "INSERT INTO audit (id, action, target_type, target_id, changes) \
             VALUES (gen_random_uuid(), 'user.changed', 'user', $1::uuid::text, '{}')",
            SAY,
        ],
        &["SELECT id, full_name FROM users WHERE name_words LIKE '% haddad%' AND id <> $1 LIMIT 5"],
    ],
    long_query: "SELECT pg_sleep(0.7) FROM (SELECT count(*) FROM users WHERE id <> $1) AS all_of_them",
    wrong: &[
        "SELECT 1 FROM users WHERE is_active = (is_switched_off OR is_banned)",
        "SELECT 1 FROM (SELECT is_active, accounts FROM account_counts UNION ALL SELECT is_active, -1 FROM users) AS both_sides \
         GROUP BY is_active HAVING sum(accounts) <> 0",
    ],
};

const WRITE_WORDS: &str = "\
    INSERT INTO product_words (product_id, words) VALUES ($1, '''cafetiere'':1A ''amandine'':2B ''cuivre'':3C') \
    ON CONFLICT (product_id) DO UPDATE SET words = excluded.words";

const CATALOG: Work = Work {
    given: "INSERT INTO sellers (id, full_name, is_verified, may_sell, version) \
            VALUES ('01936000-0000-7000-8000-000000000001', 'Maison Amandine', true, true, 1)",
    transactions: &[
        &[
            "SELECT may_sell FROM sellers WHERE id <> $1 FOR SHARE",
            "SELECT id FROM categories WHERE slug = 'home' AND is_active AND id <> $1 FOR KEY SHARE",
            "INSERT INTO products (id, seller_id, slug, name, name_folded, price, category, brand, brand_folded, \
               min_order_quantity, seller_category, is_new, is_promo, benefits, tags, status, version, created_at, \
               updated_at, seller_may_sell) \
             SELECT id, '01936000-0000-7000-8000-000000000001', id::text, 'Cafetière', 'cafetiere', 100, 'home', 'Amandine', \
               'amandine', 1, 'grossiste', false, false, '{}', '{}', 'active', 1, now(), now(), true \
             FROM (VALUES ($1::uuid)) AS product (id)",
            "INSERT INTO product_images (id, product_id, image_url, is_primary, display_order, created_at) \
             VALUES (gen_random_uuid(), $1, 'https://pictures.example.com/1.jpg', true, 0, now())",
            "INSERT INTO shown_stock (product_id, free, switched_on, version, updated_at) VALUES ($1, 3, true, 1, now())",
            WRITE_WORDS,
            "INSERT INTO vocabulary (word) SELECT left(translate($1::uuid::text, '-', ''), 12) ON CONFLICT DO NOTHING",
            SAY,
        ],
        &[
            "SELECT name FROM products WHERE id = $1 FOR NO KEY UPDATE",
            "UPDATE products SET price = 200, version = version + 1, updated_at = now() WHERE id = $1",
            WRITE_WORDS,
            SAY,
        ],
        &["SELECT id, name_fr FROM categories WHERE is_active AND id <> $1 ORDER BY display_order"],
        &["SELECT product_id FROM product_words JOIN products ON id = product_id \
             WHERE words @@ '''cafet'':*'::tsquery AND products.on_sale AND id <> $1 ORDER BY products.created_at LIMIT 20"],
        // Of three products one is taken off sale, and one is deleted.
        &["UPDATE products SET status = 'archived', version = version + 1 WHERE id = $1 AND ascii(slug) % 3 = 0"],
        &[
            "SELECT name FROM products WHERE id = $1 FOR NO KEY UPDATE",
            "UPDATE products SET deleted_at = now() WHERE id = $1 AND ascii(slug) % 3 = 1",
            "DELETE FROM product_words USING products WHERE product_id = id AND id = $1 AND deleted_at IS NOT NULL",
            SAY,
        ],
    ],
    long_query: "SELECT pg_sleep(0.7) FROM (SELECT count(*) FROM products, categories, vocabulary \
                 WHERE products.id = $1 AND EXISTS (SELECT FROM product_words)) AS all_of_them",
    wrong: &[
        "SELECT 1 FROM product_words JOIN products ON id = product_id \
         WHERE (product_words.on_sale <> products.on_sale OR product_words.created_at <> products.created_at)",
        "SELECT 1 FROM product_words WHERE NOT words @@ '''+cafetiere'':*'::tsquery OR NOT words @@ '''-mandine'':*B'::tsquery",
        "SELECT 1 FROM products WHERE NOT EXISTS (SELECT FROM brands WHERE folded = brand_folded \
         AND words = '''amandine'' ''-dine'' ''-andine'' ''-ine'' ''-mandine'' ''-ndine''')",
    ],
};

const CART: Work = Work {
    given: "SELECT 1",
    transactions: &[
        &["INSERT INTO cart_items (id, user_id, product_id, seller_id, product_name, product_price, quantity) \
             VALUES (gen_random_uuid(), $1, $1, $1, 'Cafetière', 100, 2) \
             ON CONFLICT (user_id, product_id) DO UPDATE SET quantity = excluded.quantity, updated_at = now()"],
        &["UPDATE cart_items SET quantity = 5, updated_at = now() WHERE user_id = $1"],
        &["SELECT id, quantity FROM cart_items WHERE user_id = $1 ORDER BY created_at"],
        &["DELETE FROM cart_items WHERE user_id = $1 AND product_id = $1", SAY],
    ],
    long_query: "SELECT pg_sleep(0.7) FROM (SELECT count(*) FROM carts, cart_items WHERE carts.user_id = $1) AS all_of_them",
    wrong: &["SELECT 1 FROM carts WHERE lines <> 0 OR gone_at IS NOT NULL"],
};

const ORDERING: Work = Work {
    given: "SELECT 1",
    transactions: &[
        &[
            "INSERT INTO stock (product_id, seller_id, free, switched_on, version) VALUES ($1, $1, 5, true, 1)",
            "INSERT INTO stock_ledger (product_id, version, delta, free_after, reason) VALUES ($1, 1, 5, 5, 'open')",
            SAY,
        ],
        &[
            "INSERT INTO orders (id, order_number, checkout_id, seller_id, customer_name, customer_name_folded, customer_phone, \
               customer_wilaya, shipping_address, subtotal, shipping_cost, total, status, payment_method, payment_status, \
               created_at, updated_at) \
             SELECT id, id::text, id, id, 'Rym', 'rym', '0555123456', 'Alger', 'Rue 1', 100, 500, 600, 'pending', 'cod', \
               'pending', now(), now() FROM (VALUES ($1::uuid)) AS placed (id)",
            "INSERT INTO order_items (order_id, position, id, product_id, product_name, quantity, price, subtotal) \
             VALUES ($1, 0, gen_random_uuid(), $1, 'Cafetière', 1, 100, 100)",
            "INSERT INTO order_history (order_id, version, id, to_status, payment_status, actor, created_at) \
             VALUES ($1, 1, gen_random_uuid(), 'pending', 'pending', 'customer', now())",
            "UPDATE stock SET free = free - 1, version = version + 1 WHERE product_id = $1",
            "INSERT INTO stock_ledger (product_id, version, delta, free_after, reason, order_id) VALUES ($1, 2, -1, 4, 'sale', $1)",
            SAY,
        ],
        &[
            "UPDATE orders SET status = 'confirmed', version = version + 1, updated_at = now() WHERE id = $1",
            "INSERT INTO order_history (order_id, version, id, from_status, to_status, payment_status, actor, created_at) \
             VALUES ($1, 2, gen_random_uuid(), 'pending', 'confirmed', 'pending', 'seller', now())",
            SAY,
        ],
        &["SELECT id, status FROM orders WHERE seller_id = $1 ORDER BY created_at DESC LIMIT 20"],
    ],
    long_query: "SELECT pg_sleep(0.7) FROM (SELECT count(*) FROM orders WHERE id <> $1) AS all_of_them",
    wrong: &[
        "SELECT 1 FROM orders WHERE status <> 'confirmed'",
        "SELECT 1 FROM stock WHERE free <> 4",
        "SELECT 1 FROM (SELECT seller_id, status, orders FROM order_counts \
           UNION ALL SELECT seller_id, status, -1 FROM orders) AS both_sides \
         GROUP BY seller_id, status HAVING sum(orders) <> 0",
    ],
};
