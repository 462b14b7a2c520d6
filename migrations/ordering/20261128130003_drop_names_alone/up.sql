-- Names are in `orders_by_seller_name`.
DROP INDEX CONCURRENTLY orders_by_name;
