-- How many orders a seller has to finish before its account may go.
CREATE INDEX orders_open_of_seller ON orders (seller_id)
    WHERE status IN ('pending', 'confirmed', 'processing', 'shipped');
