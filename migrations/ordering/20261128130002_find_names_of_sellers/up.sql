-- A part of a name among the orders of one seller, without looking at those of a thousand others; and among all. A small
-- pending list: no buyer pays for many others.
CREATE INDEX CONCURRENTLY orders_by_seller_name ON orders USING gin (seller_id, customer_name_folded gin_trgm_ops) WITH (gin_pending_list_limit = 512);
