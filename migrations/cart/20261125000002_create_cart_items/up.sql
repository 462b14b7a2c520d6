-- How many lines each account has: the limit is a constraint here, so that parallel adds cannot pass it.
CREATE TABLE carts (
    user_id uuid PRIMARY KEY,
    lines integer NOT NULL CONSTRAINT carts_at_most_100_lines CHECK (lines BETWEEN 0 AND 100)
) WITH (fillfactor = 70);

-- What an account means to buy, with the product as it was when the line was last written.
CREATE TABLE cart_items (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    product_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    product_name text NOT NULL,
    product_image text,
    -- Centimes.
    product_price bigint NOT NULL CONSTRAINT cart_items_price CHECK (product_price BETWEEN 0 AND 9999999999),
    quantity integer NOT NULL CONSTRAINT cart_items_quantity CHECK (quantity BETWEEN 1 AND 100000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT cart_items_one_line_per_product UNIQUE (user_id, product_id)
) WITH (fillfactor = 80);

-- Every statement locks lines first (several in the order of account and product), their counts last.
CREATE FUNCTION count_added_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO carts AS cart (user_id, lines)
        SELECT user_id, count(*) FROM added GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET lines = cart.lines + excluded.lines;
    RETURN NULL;
END $$;

CREATE FUNCTION count_removed_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Upserted for its order of locks alone: the row is always there.
    INSERT INTO carts AS cart (user_id, lines)
        SELECT user_id, 0 FROM removed GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE
        SET lines = cart.lines - (SELECT count(*) FROM removed WHERE removed.user_id = cart.user_id);
    RETURN NULL;
END $$;

CREATE TRIGGER cart_items_added AFTER INSERT ON cart_items
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_added_lines();
CREATE TRIGGER cart_items_removed AFTER DELETE ON cart_items
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_removed_lines();
