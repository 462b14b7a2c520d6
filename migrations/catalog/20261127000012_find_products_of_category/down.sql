DROP INDEX CONCURRENTLY products_in_category;
