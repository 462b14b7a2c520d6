-- The tables of checkout.sql: those of ordering in small, with as many indexes.
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TABLE bench.answers (key text PRIMARY KEY, body_hash bytea NOT NULL, answer bytea);
CREATE TABLE bench.stock (product_id int PRIMARY KEY, free int NOT NULL CHECK (free >= 0), version bigint NOT NULL DEFAULT 0);
INSERT INTO bench.stock (product_id, free) SELECT n, 1000000000 FROM generate_series(1, 2000) n;
CREATE TABLE bench.orders (id uuid PRIMARY KEY, seller int NOT NULL, total bigint NOT NULL, payload text, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON bench.orders (seller, created_at);
CREATE INDEX ON bench.orders (created_at);
CREATE TABLE bench.items (id uuid PRIMARY KEY, product_id int NOT NULL, quantity int NOT NULL, payload text);
CREATE INDEX ON bench.items (product_id);
CREATE TABLE bench.history (id uuid PRIMARY KEY, status text NOT NULL);
CREATE TABLE bench.ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id int NOT NULL, delta int NOT NULL);
CREATE TABLE bench.outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL UNIQUE, payload bytea NOT NULL, sent_at timestamptz);
CREATE INDEX ON bench.outbox (id) WHERE sent_at IS NULL;
