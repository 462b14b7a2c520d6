-- Everybody's orders, newest first. Grows at one end, so checkouts hardly notice.
CREATE INDEX CONCURRENTLY orders_newest ON orders (created_at DESC, id DESC);
