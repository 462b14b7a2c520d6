-- Everybody's orders in one state, newest first, and how many they are. The index of open orders is over states already, so
-- a step of an order costs one entry more, no more than that.
CREATE INDEX CONCURRENTLY orders_by_status ON orders (status, created_at DESC, id DESC);
