CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What one seller delivers. `b2b` orders come from deals; nothing makes them yet.
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    order_number text COLLATE "C" NOT NULL,
    kind text NOT NULL DEFAULT 'retail' CONSTRAINT orders_kind CHECK (kind IN ('retail', 'b2b')),
    checkout_id uuid,
    b2b_offer_id uuid,
    b2b_response_id uuid,
    user_id uuid,
    seller_id uuid NOT NULL,
    customer_name text NOT NULL,
    customer_name_folded text NOT NULL,
    customer_email text,
    customer_phone text,
    customer_wilaya text,
    customer_commune text,
    shipping_address text,
    delivery_type text NOT NULL DEFAULT 'home' CONSTRAINT orders_delivery_type CHECK (delivery_type IN ('home', 'office')),
    subtotal bigint NOT NULL CONSTRAINT orders_subtotal CHECK (subtotal >= 0),
    shipping_cost bigint NOT NULL CONSTRAINT orders_shipping_cost CHECK (shipping_cost >= 0),
    total bigint NOT NULL CONSTRAINT orders_total CHECK (total = subtotal + shipping_cost),
    status text NOT NULL CONSTRAINT orders_status
        CHECK (status IN ('pending', 'confirmed', 'processing', 'shipped', 'delivered', 'cancelled', 'returned')),
    payment_method text NOT NULL CONSTRAINT orders_payment_method CHECK (payment_method IN ('cod', 'ccp', 'card', 'bank_transfer')),
    payment_status text NOT NULL CONSTRAINT orders_payment_status CHECK (payment_status IN ('pending', 'paid', 'failed', 'refunded')),
    delivery_at timestamptz,
    tracking_number text,
    notes text,
    -- Grows by one with every step.
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- The personal fields went with the account.
    wiped_at timestamptz,
    CONSTRAINT orders_order_number_key UNIQUE (order_number),
    CONSTRAINT orders_b2b CHECK (
        (kind = 'b2b') = (b2b_offer_id IS NOT NULL) AND (kind = 'b2b') = (b2b_response_id IS NOT NULL)),
    CONSTRAINT orders_retail CHECK (
        kind = 'b2b' OR (checkout_id IS NOT NULL AND customer_wilaya IS NOT NULL
            AND (wiped_at IS NOT NULL OR (customer_phone IS NOT NULL AND shipping_address IS NOT NULL)))),
    CONSTRAINT orders_wiped CHECK (
        wiped_at IS NULL OR (customer_email IS NULL AND customer_phone IS NULL AND customer_commune IS NULL
            AND shipping_address IS NULL AND notes IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX orders_of_user ON orders (user_id, created_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX orders_of_seller ON orders (seller_id, created_at DESC, id DESC);
-- What sellers search: a part of a name, the last digits of a phone. Small pending lists: no buyer pays for many others.
CREATE INDEX orders_by_name ON orders USING gin (customer_name_folded gin_trgm_ops) WITH (gin_pending_list_limit = 512);
CREATE INDEX orders_by_phone ON orders (reverse(customer_phone) text_pattern_ops) WHERE customer_phone IS NOT NULL;

-- The graph of api.md 9.5 once more, where no code can go around it.
CREATE FUNCTION check_order_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('pending', 'confirmed'), ('pending', 'cancelled'),
        ('confirmed', 'processing'), ('confirmed', 'cancelled'),
        ('processing', 'shipped'), ('processing', 'cancelled'),
        ('shipped', 'delivered'), ('shipped', 'returned'),
        ('delivered', 'returned')
    ) THEN
        RAISE EXCEPTION 'an order does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_step';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER orders_step BEFORE UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_order_step();

-- Lines as they were sold; `product_id` is absent in `b2b`.
CREATE TABLE order_items (
    order_id uuid NOT NULL REFERENCES orders (id),
    position smallint NOT NULL,
    id uuid NOT NULL,
    product_id uuid,
    product_name text NOT NULL,
    product_image text,
    quantity integer NOT NULL CONSTRAINT order_items_quantity CHECK (quantity >= 1),
    price bigint NOT NULL CONSTRAINT order_items_price CHECK (price >= 0),
    subtotal bigint NOT NULL CONSTRAINT order_items_subtotal CHECK (subtotal = price * quantity),
    PRIMARY KEY (order_id, position)
);
CREATE INDEX order_items_product ON order_items (product_id) WHERE product_id IS NOT NULL;

-- Every step of an order, with its author; the first is its placing.
CREATE TABLE order_history (
    order_id uuid NOT NULL REFERENCES orders (id),
    version bigint NOT NULL,
    id uuid NOT NULL,
    from_status text,
    to_status text NOT NULL,
    payment_status text NOT NULL,
    actor text NOT NULL CONSTRAINT order_history_actor CHECK (actor IN ('customer', 'seller', 'admin', 'system')),
    -- Absent for guests and for the system.
    actor_id uuid,
    note text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, version),
    CONSTRAINT order_history_first CHECK ((version = 1) = (from_status IS NULL))
);
CREATE TRIGGER order_history_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON order_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
