-- How many reels there are of each sort, so that the feed can say how many it has without looking at them. Who writes reels
-- adds a row of what changed and waits for nobody; the rows are folded now and then. Their sum is exact at every moment.
CREATE TABLE feed_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status text NOT NULL,
    is_public boolean NOT NULL,
    reels bigint NOT NULL
);

CREATE FUNCTION count_reels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO feed_counts (status, is_public, reels) SELECT status, is_public, count(*) FROM written GROUP BY 1, 2;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO feed_counts (status, is_public, reels) SELECT status, is_public, -count(*) FROM gone GROUP BY 1, 2;
    ELSE
        INSERT INTO feed_counts (status, is_public, reels)
        SELECT status, is_public, sum(change) FROM (
            SELECT status, is_public, 1 AS change FROM written UNION ALL SELECT status, is_public, -1 FROM gone
        ) AS changes GROUP BY 1, 2 HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER reels_written AFTER INSERT ON reels REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_reels();
CREATE TRIGGER reels_changed AFTER UPDATE ON reels REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_reels();
CREATE TRIGGER reels_gone AFTER DELETE ON reels REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_reels();

-- The triggers keep writers away until this is over: a second for millions.
INSERT INTO feed_counts (status, is_public, reels) SELECT status, is_public, count(*) FROM reels GROUP BY 1, 2;
