-- What one seller sells within a range of prices is counted without looking at products.
CREATE INDEX CONCURRENTLY products_seller_price ON products (seller_id, price, id) WHERE on_sale;
