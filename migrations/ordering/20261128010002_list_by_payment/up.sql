-- The same of what is paid and what is not.
CREATE INDEX CONCURRENTLY orders_by_payment ON orders (payment_status, created_at DESC, id DESC);
