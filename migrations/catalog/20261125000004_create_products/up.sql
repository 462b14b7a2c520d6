CREATE TABLE products (
    id uuid PRIMARY KEY,
    seller_id uuid NOT NULL CONSTRAINT products_seller REFERENCES sellers,
    slug text NOT NULL CONSTRAINT products_slug_once UNIQUE,
    name text NOT NULL CONSTRAINT products_name CHECK (length(name) BETWEEN 3 AND 200),
    -- Folded by the service's own code.
    name_folded text NOT NULL COLLATE "C",
    -- Centimes.
    price bigint NOT NULL CONSTRAINT products_price CHECK (price BETWEEN 0 AND 9999999999),
    category text NOT NULL CONSTRAINT products_category REFERENCES categories (slug),
    description text,
    ingredients text,
    usage_instructions text,
    brand text,
    brand_folded text COLLATE "C",
    sku text,
    product_type text,
    delivery_estimate text,
    shipping_info text,
    returns_info text,
    payment_info text,
    exclusive_offers text,
    original_price bigint CONSTRAINT products_original_price CHECK (original_price BETWEEN 0 AND 9999999999),
    min_order_quantity integer NOT NULL
        CONSTRAINT products_min_order_quantity CHECK (min_order_quantity BETWEEN 1 AND 100000),
    seller_category text NOT NULL
        CONSTRAINT products_seller_category CHECK (seller_category IN ('importateur', 'grossiste', 'fournisseur')),
    is_new boolean NOT NULL,
    is_promo boolean NOT NULL,
    countdown_end_at timestamptz,
    benefits text[] NOT NULL,
    tags text[] NOT NULL,
    weight_grams bigint CONSTRAINT products_weight CHECK (weight_grams BETWEEN 0 AND 100000000),
    -- A JSON object, as it was sent.
    specifications text,
    video_url text,
    status text NOT NULL CONSTRAINT products_status CHECK (status IN ('draft', 'active', 'archived')),
    -- Hundredths; none until there are reviews.
    rating_hundredths integer CONSTRAINT products_rating CHECK (rating_hundredths BETWEEN 0 AND 500),
    viewers_count bigint NOT NULL DEFAULT 0 CONSTRAINT products_viewers_count CHECK (viewers_count >= 0),
    version bigint NOT NULL CONSTRAINT products_version CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    -- The seller's `may_sell`, changed with it, so that lists need not ask.
    seller_may_sell boolean NOT NULL,
    on_sale boolean NOT NULL GENERATED ALWAYS AS (status = 'active' AND deleted_at IS NULL AND seller_may_sell) STORED,
    CONSTRAINT products_brand_folded CHECK ((brand IS NULL) = (brand_folded IS NULL))
) WITH (fillfactor = 85);

-- The public lists: each order, and each filter with the newest first.
CREATE INDEX products_created ON products (created_at, id) WHERE on_sale;
CREATE INDEX products_price ON products (price, id) WHERE on_sale;
CREATE INDEX products_name ON products (name_folded, id) WHERE on_sale;
CREATE INDEX products_best_rated ON products (rating_hundredths DESC NULLS LAST, id DESC) WHERE on_sale;
CREATE INDEX products_worst_rated ON products (rating_hundredths, id) WHERE on_sale;
CREATE INDEX products_category_created ON products (category, created_at, id) INCLUDE (price) WHERE on_sale;
CREATE INDEX products_category_price ON products (category, price, id) INCLUDE (created_at) WHERE on_sale;
CREATE INDEX products_seller_category ON products (seller_category, created_at, id) WHERE on_sale;
CREATE INDEX products_brand ON products (brand_folded, created_at, id) WHERE on_sale AND brand_folded IS NOT NULL;
-- A seller's own list, and what is on sale of one seller.
CREATE INDEX products_seller ON products (seller_id, created_at, id) INCLUDE (on_sale, status) WHERE deleted_at IS NULL;

-- Pictures, in the order of `display_order`, then `id`.
CREATE TABLE product_images (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL CONSTRAINT product_images_product REFERENCES products ON DELETE CASCADE,
    image_url text NOT NULL CONSTRAINT product_images_url CHECK (length(image_url) BETWEEN 1 AND 2048),
    thumbnail_url text,
    is_primary boolean NOT NULL,
    display_order integer NOT NULL CONSTRAINT product_images_order CHECK (display_order BETWEEN 0 AND 1000),
    created_at timestamptz NOT NULL,
    CONSTRAINT product_images_url_once UNIQUE (product_id, image_url)
);
CREATE UNIQUE INDEX product_images_one_primary ON product_images (product_id) WHERE is_primary;

-- What ordering has left of each product, as it is shown; the newer version wins.
CREATE TABLE shown_stock (
    product_id uuid PRIMARY KEY CONSTRAINT shown_stock_product REFERENCES products ON DELETE CASCADE,
    free integer NOT NULL CONSTRAINT shown_stock_free CHECK (free >= 0),
    -- The seller has it on sale.
    switched_on boolean NOT NULL,
    in_stock boolean NOT NULL GENERATED ALWAYS AS (free > 0 AND switched_on) STORED,
    version bigint NOT NULL CONSTRAINT shown_stock_version CHECK (version >= 1),
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 60);
CREATE INDEX shown_stock_in_stock ON shown_stock (product_id) WHERE in_stock;
CREATE INDEX shown_stock_sold_out ON shown_stock (product_id) WHERE NOT in_stock;
