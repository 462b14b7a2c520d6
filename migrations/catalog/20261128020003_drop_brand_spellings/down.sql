CREATE INDEX CONCURRENTLY products_brand_spelling ON products (brand_folded, brand) INCLUDE (category)
    WHERE on_sale AND brand_folded IS NOT NULL;
