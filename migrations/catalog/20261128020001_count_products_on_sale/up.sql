-- How many products are on sale of each sort, so that a list can say how many it has without looking at them. Who writes
-- products adds rows of what changed and waits for nobody; rows of one sort are folded into one now and then. Their sum is
-- exact at every moment.

-- A price rounded down to two digits: whole ranges of prices are counted as one. As the service's own code does.
CREATE FUNCTION price_step(price bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT price - price % (10 ^ greatest(length(price::text) - 2, 0))::bigint
$$;
CREATE TABLE price_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category text NOT NULL,
    seller_category text NOT NULL,
    -- Centimes.
    price_step bigint NOT NULL,
    products bigint NOT NULL
);
CREATE INDEX price_counts_sorts ON price_counts (category, seller_category, price_step) INCLUDE (products);

CREATE TABLE brand_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_folded text NOT NULL COLLATE "C",
    -- One spelling of it.
    brand text NOT NULL,
    category text NOT NULL,
    products bigint NOT NULL
);
CREATE INDEX brand_counts_sorts ON brand_counts (brand_folded, brand, category) INCLUDE (products);
CREATE INDEX brand_counts_category ON brand_counts (category, brand_folded, brand) INCLUDE (products);

CREATE FUNCTION count_products_on_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO price_counts (category, seller_category, price_step, products)
        SELECT category, seller_category, price_step(price), count(*) FROM written WHERE on_sale GROUP BY 1, 2, 3;
        INSERT INTO brand_counts (brand_folded, brand, category, products)
        SELECT brand_folded, brand, category, count(*) FROM written WHERE on_sale AND brand_folded <> '' GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO price_counts (category, seller_category, price_step, products)
        SELECT category, seller_category, price_step(price), -count(*) FROM gone WHERE on_sale GROUP BY 1, 2, 3;
        INSERT INTO brand_counts (brand_folded, brand, category, products)
        SELECT brand_folded, brand, category, -count(*) FROM gone WHERE on_sale AND brand_folded <> '' GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO price_counts (category, seller_category, price_step, products)
        SELECT category, seller_category, price_step(price), sum(change) FROM (
            SELECT category, seller_category, price, 1 AS change FROM written WHERE on_sale
            UNION ALL SELECT category, seller_category, price, -1 FROM gone WHERE on_sale
        ) AS changes GROUP BY 1, 2, 3 HAVING sum(change) <> 0;
        INSERT INTO brand_counts (brand_folded, brand, category, products)
        SELECT brand_folded, brand, category, sum(change) FROM (
            SELECT brand_folded, brand, category, 1 AS change FROM written WHERE on_sale AND brand_folded <> ''
            UNION ALL SELECT brand_folded, brand, category, -1 FROM gone WHERE on_sale AND brand_folded <> ''
        ) AS changes GROUP BY 1, 2, 3 HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER products_written AFTER INSERT ON products REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_products_on_sale();
CREATE TRIGGER products_changed AFTER UPDATE ON products REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_products_on_sale();
CREATE TRIGGER products_gone AFTER DELETE ON products REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_products_on_sale();

-- The triggers keep writers away until this is over: a second for millions.
INSERT INTO price_counts (category, seller_category, price_step, products)
SELECT category, seller_category, price_step(price), count(*) FROM products WHERE on_sale GROUP BY 1, 2, 3;
INSERT INTO brand_counts (brand_folded, brand, category, products)
SELECT brand_folded, brand, category, count(*) FROM products WHERE on_sale AND brand_folded <> '' GROUP BY 1, 2, 3;
