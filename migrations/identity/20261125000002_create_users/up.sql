CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Accounts. A deleted one stays as a tombstone, so that no token and no late event revives it.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    clerk_id text NOT NULL CONSTRAINT users_clerk_id_once UNIQUE
        CONSTRAINT users_clerk_id_length CHECK (length(clerk_id) BETWEEN 1 AND 128),
    -- An attribute, not an identity: two accounts may share one.
    email text CONSTRAINT users_email_length CHECK (length(email) BETWEEN 1 AND 320),
    full_name text NOT NULL CONSTRAINT users_full_name_length CHECK (length(full_name) BETWEEN 1 AND 100),
    role text NOT NULL DEFAULT 'customer'
        CONSTRAINT users_role CHECK (role IN ('customer', 'seller', 'freelancer', 'admin')),
    seller_category text
        CONSTRAINT users_seller_category CHECK (seller_category IN ('importateur', 'grossiste', 'fournisseur')),
    approval text CONSTRAINT users_approval CHECK (approval IN ('pending', 'approved', 'rejected')),
    phone text CONSTRAINT users_phone_length CHECK (length(phone) BETWEEN 1 AND 32),
    wilaya text CONSTRAINT users_wilaya_length CHECK (length(wilaya) BETWEEN 1 AND 50),
    bio text CONSTRAINT users_bio_length CHECK (length(bio) BETWEEN 1 AND 1000),
    avatar_url text CONSTRAINT users_avatar_url_length CHECK (length(avatar_url) BETWEEN 1 AND 2048),
    is_verified boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    -- What the account's owner set here; nothing that comes from Clerk overwrites it.
    full_name_edited boolean NOT NULL DEFAULT false,
    phone_edited boolean NOT NULL DEFAULT false,
    avatar_url_edited boolean NOT NULL DEFAULT false,
    -- Grows by one with every change; copies with a greater one are newer.
    version bigint NOT NULL DEFAULT 1 CONSTRAINT users_version CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    -- Folded, by the same code as what is searched for: the name's words, each behind a space, and the wilaya.
    name_words text NOT NULL COLLATE "C",
    wilaya_folded text COLLATE "C",
    CONSTRAINT users_seller_fields
        CHECK ((role = 'seller') = (seller_category IS NOT NULL) AND (role = 'seller') = (approval IS NOT NULL)),
    CONSTRAINT users_wilaya_folded CHECK ((wilaya IS NULL) = (wilaya_folded IS NULL))
);

-- Sellers as the public sees them, in each order and by each filter.
CREATE INDEX users_sellers_created ON users (created_at, id)
    WHERE role = 'seller' AND approval = 'approved' AND is_active AND deleted_at IS NULL;
CREATE INDEX users_sellers_name ON users (name_words, id)
    WHERE role = 'seller' AND approval = 'approved' AND is_active AND deleted_at IS NULL;
CREATE INDEX users_sellers_category ON users (seller_category, created_at, id)
    WHERE role = 'seller' AND approval = 'approved' AND is_active AND deleted_at IS NULL;
CREATE INDEX users_sellers_wilaya ON users (wilaya_folded, created_at, id)
    WHERE role = 'seller' AND approval = 'approved' AND is_active AND deleted_at IS NULL;
CREATE INDEX users_sellers_words ON users USING gin (name_words gin_trgm_ops)
    WHERE role = 'seller' AND approval = 'approved' AND is_active AND deleted_at IS NULL;
