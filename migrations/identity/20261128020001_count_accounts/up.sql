-- How many accounts there are of each sort, so that a list can say how many it has without looking at them. Who writes
-- accounts adds a row of what changed and waits for nobody; the rows are folded now and then. Their sum is exact at every
-- moment.
CREATE TABLE account_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role text NOT NULL,
    seller_category text,
    approval text,
    is_verified boolean NOT NULL,
    is_active boolean NOT NULL,
    is_deleted boolean NOT NULL,
    accounts bigint NOT NULL
);

CREATE FUNCTION count_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO account_counts (role, seller_category, approval, is_verified, is_active, is_deleted, accounts)
        SELECT role, seller_category, approval, is_verified, is_active, deleted_at IS NOT NULL, count(*)
        FROM written GROUP BY 1, 2, 3, 4, 5, 6;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO account_counts (role, seller_category, approval, is_verified, is_active, is_deleted, accounts)
        SELECT role, seller_category, approval, is_verified, is_active, deleted_at IS NOT NULL, -count(*)
        FROM gone GROUP BY 1, 2, 3, 4, 5, 6;
    ELSE
        INSERT INTO account_counts (role, seller_category, approval, is_verified, is_active, is_deleted, accounts)
        SELECT role, seller_category, approval, is_verified, is_active, deleted_at IS NOT NULL, sum(change) FROM (
            SELECT role, seller_category, approval, is_verified, is_active, deleted_at, 1 AS change FROM written
            UNION ALL SELECT role, seller_category, approval, is_verified, is_active, deleted_at, -1 FROM gone
        ) AS changes GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER users_written AFTER INSERT ON users REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_accounts();
CREATE TRIGGER users_changed AFTER UPDATE ON users REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_accounts();
CREATE TRIGGER users_gone AFTER DELETE ON users REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_accounts();

-- The triggers keep writers away until this is over: a second for millions.
INSERT INTO account_counts (role, seller_category, approval, is_verified, is_active, is_deleted, accounts)
SELECT role, seller_category, approval, is_verified, is_active, deleted_at IS NOT NULL, count(*)
FROM users GROUP BY 1, 2, 3, 4, 5, 6;
