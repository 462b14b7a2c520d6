-- What the words refer to, beside the product's id.
CREATE UNIQUE INDEX CONCURRENTLY products_on_sale_once ON products (id, on_sale);
