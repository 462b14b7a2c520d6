-- Whether an order shows a picture is asked before its file is deleted. Hashes: addresses are long.
CREATE INDEX CONCURRENTLY order_items_by_product_image ON order_items USING hash (product_image);
