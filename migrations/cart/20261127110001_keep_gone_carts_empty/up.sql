-- The account is deleted: its cart stays empty, whatever was on its way.
ALTER TABLE carts ADD COLUMN gone_at timestamptz;

CREATE OR REPLACE FUNCTION count_added_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_gone boolean;
BEGIN
    WITH counted AS (
        INSERT INTO carts AS cart (user_id, lines)
            SELECT user_id, count(*) FROM added GROUP BY user_id ORDER BY user_id
            ON CONFLICT (user_id) DO UPDATE SET lines = cart.lines + excluded.lines
            RETURNING gone_at)
        SELECT bool_or(gone_at IS NOT NULL) INTO is_gone FROM counted;
    IF is_gone THEN
        RAISE EXCEPTION 'the account of this cart is deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'carts_gone_stay_empty';
    END IF;
    RETURN NULL;
END $$;
