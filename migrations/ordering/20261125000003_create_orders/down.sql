DROP TABLE order_history;
DROP TABLE order_items;
DROP TABLE orders;
DROP FUNCTION check_order_step();
DROP EXTENSION pg_trgm;
