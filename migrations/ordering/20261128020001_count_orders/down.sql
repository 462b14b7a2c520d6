DROP TRIGGER orders_gone ON orders;
DROP TRIGGER orders_changed ON orders;
DROP TRIGGER orders_written ON orders;
DROP FUNCTION count_orders;
DROP TABLE order_counts;
