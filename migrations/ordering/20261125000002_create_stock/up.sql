-- What can be bought of a product. Rows are never deleted: orders give back to them.
CREATE TABLE stock (
    product_id uuid PRIMARY KEY,
    seller_id uuid NOT NULL,
    free integer NOT NULL CONSTRAINT stock_free CHECK (free >= 0),
    -- The seller's switch: off takes the product off sale whatever is left.
    switched_on boolean NOT NULL,
    -- One more with every change, and one row of the ledger for each.
    version bigint NOT NULL CONSTRAINT stock_version CHECK (version >= 1),
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 60);

-- Why there is what there is: the deltas of a product add up to its `free` at every instant.
CREATE TABLE stock_ledger (
    product_id uuid NOT NULL,
    version bigint NOT NULL,
    delta integer NOT NULL,
    free_after integer NOT NULL CONSTRAINT stock_ledger_free_after CHECK (free_after >= 0),
    reason text NOT NULL CONSTRAINT stock_ledger_reason CHECK (reason IN ('open', 'set', 'move', 'sale', 'return')),
    order_id uuid,
    -- Of a seller's change: by this a change whose commit was not answered is recognised.
    change_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (product_id, version),
    CONSTRAINT stock_ledger_order CHECK ((order_id IS NOT NULL) = (reason IN ('sale', 'return')))
);
CREATE UNIQUE INDEX stock_ledger_change ON stock_ledger (change_id) WHERE change_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER stock_ledger_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
