DROP INDEX CONCURRENTLY products_on_sale_once;
