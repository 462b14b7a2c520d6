CREATE INDEX CONCURRENTLY orders_by_name ON orders USING gin (customer_name_folded gin_trgm_ops) WITH (gin_pending_list_limit = 512);
