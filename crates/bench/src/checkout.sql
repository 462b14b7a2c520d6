-- The limit for checkout: one two-seller order's SQL and nothing else, run by pgbench.
\set a random(1, 1000)
\set b random(1001, 2000)
BEGIN;
INSERT INTO bench.answers (key, body_hash, answer) VALUES (gen_random_uuid()::text, '\x00'::bytea, repeat('x', 1500)::bytea);
SELECT product_id, free FROM bench.stock WHERE product_id IN (:a, :b);
INSERT INTO bench.orders (id, seller, total, payload) SELECT gen_random_uuid(), n, 100, repeat('x', 400) FROM generate_series(1, 2) n;
INSERT INTO bench.items (id, product_id, quantity, payload) VALUES (gen_random_uuid(), :a, 1, repeat('x', 150)), (gen_random_uuid(), :b, 1, repeat('x', 150));
INSERT INTO bench.history (id, status) SELECT gen_random_uuid(), 'pending' FROM generate_series(1, 2);
SELECT product_id, free FROM bench.stock WHERE product_id IN (:a, :b) ORDER BY product_id FOR NO KEY UPDATE;
UPDATE bench.stock SET free = free - 1, version = version + 1 WHERE product_id IN (:a, :b);
INSERT INTO bench.ledger (product_id, delta) VALUES (:a, -1), (:b, -1);
INSERT INTO bench.outbox (event_id, payload) SELECT gen_random_uuid(), repeat('x', 200)::bytea FROM generate_series(1, 3);
COMMIT;
