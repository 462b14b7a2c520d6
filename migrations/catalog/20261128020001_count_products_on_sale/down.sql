DROP TRIGGER products_gone ON products;
DROP TRIGGER products_changed ON products;
DROP TRIGGER products_written ON products;
DROP FUNCTION count_products_on_sale();
DROP TABLE brand_counts;
DROP TABLE price_counts;
DROP FUNCTION price_step(bigint);
