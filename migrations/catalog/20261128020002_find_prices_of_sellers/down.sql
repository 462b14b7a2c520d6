DROP INDEX CONCURRENTLY products_seller_price;
