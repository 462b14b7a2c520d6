CREATE OR REPLACE FUNCTION count_added_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO carts AS cart (user_id, lines)
        SELECT user_id, count(*) FROM added GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET lines = cart.lines + excluded.lines;
    RETURN NULL;
END $$;
ALTER TABLE carts DROP COLUMN gone_at;
