-- Everybody's orders, newest first. Grows at one end, so checkouts hardly notice. Deliberately none by status: a step
-- of an order touches no index as long as its row stays on its page.
CREATE INDEX CONCURRENTLY orders_newest ON orders (created_at DESC, id DESC);
