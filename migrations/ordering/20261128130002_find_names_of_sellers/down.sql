DROP INDEX CONCURRENTLY orders_by_seller_name;
