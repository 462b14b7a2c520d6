-- Files that people send: one row each, from leave to write it until it is deleted.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    kind text NOT NULL
        CONSTRAINT uploads_kind CHECK (kind IN ('image', 'product_image', 'reel_video', 'avatar', 'offer_image')),
    product_id uuid,
    -- What is wanted of a product's image once it is ready.
    is_primary boolean,
    display_order integer CONSTRAINT uploads_display_order CHECK (display_order BETWEEN 0 AND 1000),
    status text NOT NULL CONSTRAINT uploads_status CHECK (status IN ('pending', 'processing', 'ready', 'failed')),
    -- As declared while pending, of the received bytes while processing, then of the served copy.
    content_type text NOT NULL CONSTRAINT uploads_content_type CHECK (char_length(content_type) BETWEEN 1 AND 100),
    -- As declared while pending, then of the received bytes.
    size_bytes bigint NOT NULL CONSTRAINT uploads_size CHECK (size_bytes BETWEEN 1 AND 104857600),
    -- What cannot be guessed of the keys of what is served.
    secret text NOT NULL CONSTRAINT uploads_secret CHECK (secret ~ '^[0-9a-f]{32}$'),
    -- Of the received object: never public.
    received_key text NOT NULL CONSTRAINT uploads_received_key_is_one UNIQUE
        CONSTRAINT uploads_received_key CHECK (received_key ~ '^[a-z0-9/._-]{1,200}$'),
    -- Of the served copy: a video's from its reception on, a picture's once the copy exists.
    key text CONSTRAINT uploads_key_is_one UNIQUE CONSTRAINT uploads_key CHECK (key ~ '^[a-z0-9/._-]{1,200}$'),
    thumbnail_key text CONSTRAINT uploads_thumbnail_key_is_one UNIQUE
        CONSTRAINT uploads_thumbnail_key CHECK (thumbnail_key ~ '^[a-z0-9/._-]{1,200}$'),
    -- Of the served copy.
    served_bytes bigint CONSTRAINT uploads_served_bytes CHECK (served_bytes > 0),
    -- Likewise, upright.
    width integer CONSTRAINT uploads_width CHECK (width > 0),
    height integer CONSTRAINT uploads_height CHECK (height > 0),
    duration_ms bigint CONSTRAINT uploads_duration CHECK (duration_ms BETWEEN 0 AND 300000),
    error_code text CONSTRAINT uploads_error_code CHECK (error_code IN
        ('FILE_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'UNPROCESSABLE_MEDIA', 'UPLOAD_EXPIRED', 'PROCESSING_FAILED')),
    -- Until then the bytes may be written.
    expires_at timestamptz,
    received_at timestamptz,
    -- The served copy exists from then on.
    served_at timestamptz,
    -- When a worker may take it; while one works on it, when another one may.
    due_at timestamptz,
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT uploads_attempts CHECK (attempts >= 0),
    -- When to ask whether anybody still shows it; none while nobody said that it is not needed.
    ask_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT uploads_product CHECK ((kind IN ('product_image', 'reel_video')) = (product_id IS NOT NULL)),
    CONSTRAINT uploads_place CHECK (kind = 'product_image' OR (is_primary IS NULL AND display_order IS NULL)),
    CONSTRAINT uploads_pending CHECK ((status = 'pending') = (expires_at IS NOT NULL)),
    CONSTRAINT uploads_received CHECK (status = 'failed' OR (status = 'pending') = (received_at IS NULL)),
    CONSTRAINT uploads_due CHECK ((status = 'processing') = (due_at IS NOT NULL)),
    CONSTRAINT uploads_served CHECK (served_at IS NULL OR (key IS NOT NULL AND served_bytes IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL)),
    CONSTRAINT uploads_ready CHECK ((status = 'ready') = (thumbnail_key IS NOT NULL)
        AND (status <> 'ready' OR (served_at IS NOT NULL AND (kind = 'reel_video') = (duration_ms IS NOT NULL)))),
    CONSTRAINT uploads_failed CHECK ((status = 'failed') = (error_code IS NOT NULL)
        AND (status <> 'failed' OR (key IS NULL AND served_at IS NULL)))
);
CREATE INDEX uploads_due_first ON uploads (due_at) WHERE status = 'processing';
CREATE INDEX uploads_pending_of_owner ON uploads (owner_id) WHERE status = 'pending';
CREATE INDEX uploads_pending_oldest ON uploads (created_at) WHERE status = 'pending';
CREATE INDEX uploads_to_ask_about ON uploads (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX uploads_of_owner ON uploads (owner_id);
CREATE INDEX uploads_of_product ON uploads (product_id) WHERE product_id IS NOT NULL;

CREATE FUNCTION keep_upload_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an upload that is % stays it', OLD.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'uploads_status_is_final';
END $$;
CREATE TRIGGER uploads_status_is_final BEFORE UPDATE OF status ON uploads
    FOR EACH ROW WHEN (OLD.status IN ('ready', 'failed') AND OLD.status <> NEW.status)
    EXECUTE FUNCTION keep_upload_status();

-- Bytes that an account sent, also where the file was refused or is deleted since: what the day's quota is counted from.
CREATE TABLE receipts (
    upload_id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    size_bytes bigint NOT NULL CONSTRAINT receipts_size CHECK (size_bytes > 0),
    received_at timestamptz NOT NULL
);
CREATE INDEX receipts_of_owner ON receipts (owner_id, received_at) INCLUDE (size_bytes);
CREATE INDEX receipts_oldest ON receipts (received_at);

-- Objects that nothing refers to any more, written by the transaction that made them so.
CREATE TABLE doomed_objects (
    key text PRIMARY KEY,
    -- Not before: somebody may be writing it at this moment.
    due_at timestamptz NOT NULL
);
CREATE INDEX doomed_objects_due ON doomed_objects (due_at);
