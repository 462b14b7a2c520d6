-- Spellings of brands are counted in `brand_counts`.
DROP INDEX CONCURRENTLY products_brand_spelling;
