-- Copies of the accounts that sell or sold: what products show of them, and whether they may sell.
CREATE TABLE sellers (
    id uuid PRIMARY KEY,
    full_name text NOT NULL,
    avatar_url text,
    seller_category text
        CONSTRAINT sellers_seller_category CHECK (seller_category IN ('importateur', 'grossiste', 'fournisseur')),
    is_verified boolean NOT NULL,
    -- Role seller, approved, active, not deleted.
    may_sell boolean NOT NULL,
    -- Of the account at identity; 0 when it was only seen in a token.
    version bigint NOT NULL CONSTRAINT sellers_version CHECK (version >= 0),
    -- Final: such a row never changes again.
    deleted_at timestamptz,
    CONSTRAINT sellers_deleted CHECK (deleted_at IS NULL OR NOT may_sell)
);
