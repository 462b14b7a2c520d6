DROP INDEX CONCURRENTLY product_words_newest;
