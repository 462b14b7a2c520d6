-- What one tier sells within a range of prices is counted without looking at products.
CREATE INDEX CONCURRENTLY products_seller_category_price ON products (seller_category, price, id) WHERE on_sale;
