-- Copies of the public users that reels show: sellers, those who like, those who comment.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    full_name text NOT NULL,
    avatar_url text,
    seller_category text
        CONSTRAINT accounts_seller_category CHECK (seller_category IN ('importateur', 'grossiste', 'fournisseur')),
    is_verified boolean NOT NULL,
    -- Of the account at identity; 0 when it was only seen in a token.
    version bigint NOT NULL DEFAULT 0 CONSTRAINT accounts_version CHECK (version >= 0),
    -- Final: such a row never changes again.
    deleted_at timestamptz
);

-- Copies of the products that have reels.
CREATE TABLE products (
    id uuid PRIMARY KEY,
    seller_id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    -- Centimes.
    price bigint NOT NULL CONSTRAINT products_price CHECK (price >= 0),
    original_price bigint CONSTRAINT products_original_price CHECK (original_price >= 0),
    image_url text,
    in_stock boolean NOT NULL,
    on_sale boolean NOT NULL,
    -- Of the content at catalog.
    version bigint NOT NULL,
    -- Of what is in stock.
    stock_version bigint NOT NULL,
    -- One more with every event that moved it: what was asked for meanwhile may be older.
    heard bigint NOT NULL DEFAULT 0,
    -- Final, as its deletion at catalog.
    deleted_at timestamptz,
    CONSTRAINT products_deleted CHECK (deleted_at IS NULL OR NOT on_sale)
);

CREATE TABLE reels (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id),
    seller_id uuid NOT NULL REFERENCES accounts (id),
    caption text CONSTRAINT reels_caption CHECK (char_length(caption) BETWEEN 1 AND 500),
    status text NOT NULL CONSTRAINT reels_status CHECK (status IN ('processing', 'ready', 'failed')),
    -- The served file.
    video_url text,
    video_path text,
    thumbnail_url text,
    thumbnail_path text,
    duration_ms bigint CONSTRAINT reels_duration CHECK (duration_ms BETWEEN 0 AND 300000),
    size_bytes bigint CONSTRAINT reels_size CHECK (size_bytes > 0),
    width integer CONSTRAINT reels_width CHECK (width BETWEEN 1 AND 4096),
    height integer CONSTRAINT reels_height CHECK (height BETWEEN 1 AND 4096),
    -- Why there is no video.
    error_code text,
    -- Ready, and its product on sale; kept so that one index holds what everybody sees.
    is_public boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT reels_ready CHECK (status <> 'ready' OR (video_url IS NOT NULL AND video_path IS NOT NULL
        AND duration_ms IS NOT NULL AND size_bytes IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL)),
    CONSTRAINT reels_public CHECK (NOT is_public OR status = 'ready')
);
CREATE INDEX reels_newest ON reels (created_at DESC, id DESC) WHERE is_public;
CREATE INDEX reels_newest_of_product ON reels (product_id, created_at DESC, id DESC);
CREATE INDEX reels_newest_of_seller ON reels (seller_id, created_at DESC, id DESC);

CREATE FUNCTION keep_reel_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a reel that is % stays it', OLD.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'reels_status_is_final';
END $$;
CREATE TRIGGER reels_status_is_final BEFORE UPDATE OF status ON reels
    FOR EACH ROW WHEN (OLD.status <> 'processing' AND OLD.status <> NEW.status) EXECUTE FUNCTION keep_reel_status();

-- The counts of each reel: a narrow row that every like locks, beside the wide one that every list reads.
CREATE TABLE reel_counts (
    reel_id uuid PRIMARY KEY REFERENCES reels (id) ON DELETE CASCADE,
    likes bigint NOT NULL DEFAULT 0 CONSTRAINT reel_counts_likes CHECK (likes >= 0),
    comments bigint NOT NULL DEFAULT 0 CONSTRAINT reel_counts_comments CHECK (comments >= 0),
    views bigint NOT NULL DEFAULT 0 CONSTRAINT reel_counts_views CHECK (views >= 0)
) WITH (fillfactor = 50);

CREATE TABLE reel_likes (
    reel_id uuid NOT NULL REFERENCES reel_counts (reel_id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (reel_id, user_id)
);
CREATE INDEX reel_likes_newest_of_reel ON reel_likes (reel_id, created_at DESC, id DESC);
CREATE INDEX reel_likes_newest_of_user ON reel_likes (user_id, created_at DESC, id DESC);

CREATE TABLE reel_comments (
    id uuid PRIMARY KEY,
    reel_id uuid NOT NULL REFERENCES reel_counts (reel_id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    content text NOT NULL CONSTRAINT reel_comments_content CHECK (char_length(content) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX reel_comments_newest_of_reel ON reel_comments (reel_id, created_at DESC, id DESC);
CREATE INDEX reel_comments_of_user ON reel_comments (user_id);

-- Batches of counted views that reached the reels: a batch whose deletion from Redis was lost is not added twice.
CREATE TABLE view_drains (
    batch_id uuid PRIMARY KEY,
    drained_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX view_drains_age ON view_drains (drained_at);
