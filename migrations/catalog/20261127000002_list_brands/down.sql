DROP INDEX products_brand_spelling;
DROP TABLE brands;
