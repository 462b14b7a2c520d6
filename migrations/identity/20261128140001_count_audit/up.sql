-- How many entries there are of each sort, so that a list can say how many it has without looking at them; as with
-- `account_counts`. Entries are never changed and never go.
CREATE TABLE audit_counts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action text NOT NULL,
    target_type text NOT NULL,
    entries bigint NOT NULL
);

CREATE FUNCTION count_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_counts (action, target_type, entries) SELECT action, target_type, count(*) FROM written GROUP BY 1, 2;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_written AFTER INSERT ON audit REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION count_audit();

-- The trigger keeps writers away until this is over: a second for millions.
INSERT INTO audit_counts (action, target_type, entries) SELECT action, target_type, count(*) FROM audit GROUP BY 1, 2;
