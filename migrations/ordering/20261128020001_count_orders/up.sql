-- How many orders there are of each sort, so that a list can say how many it has without looking at them. Who writes orders
-- adds a row of what changed and waits for nobody; rows of one sort are folded into one now and then. Their sum is exact at
-- every moment.
CREATE TABLE order_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seller_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    payment_status text NOT NULL,
    orders bigint NOT NULL
);
CREATE INDEX order_counts_sorts ON order_counts (seller_id, kind, status, payment_status) INCLUDE (orders);

CREATE FUNCTION count_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO order_counts (seller_id, kind, status, payment_status, orders)
        SELECT seller_id, kind, status, payment_status, count(*) FROM written GROUP BY 1, 2, 3, 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO order_counts (seller_id, kind, status, payment_status, orders)
        SELECT seller_id, kind, status, payment_status, -count(*) FROM gone GROUP BY 1, 2, 3, 4;
    ELSE
        INSERT INTO order_counts (seller_id, kind, status, payment_status, orders)
        SELECT seller_id, kind, status, payment_status, sum(change) FROM (
            SELECT seller_id, kind, status, payment_status, 1 AS change FROM written
            UNION ALL SELECT seller_id, kind, status, payment_status, -1 FROM gone
        ) AS changes GROUP BY 1, 2, 3, 4 HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_written AFTER INSERT ON orders REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_orders();
CREATE TRIGGER orders_changed AFTER UPDATE ON orders REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_orders();
CREATE TRIGGER orders_gone AFTER DELETE ON orders REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_orders();

-- The triggers keep writers away until this is over: a second for millions.
INSERT INTO order_counts (seller_id, kind, status, payment_status, orders)
SELECT seller_id, kind, status, payment_status, count(*) FROM orders GROUP BY 1, 2, 3, 4;
