-- And of one seller's orders in one state.
CREATE INDEX CONCURRENTLY orders_of_seller_by_status ON orders (seller_id, status, created_at DESC, id DESC);
