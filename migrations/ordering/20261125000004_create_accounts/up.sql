-- Copies of the public users that orders show.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    full_name text NOT NULL,
    avatar_url text,
    seller_category text CONSTRAINT accounts_seller_category CHECK (seller_category IN ('importateur', 'grossiste', 'fournisseur')),
    is_verified boolean NOT NULL,
    -- Of the account at identity; 0 when it was only seen in a token or an offer.
    version bigint NOT NULL DEFAULT 0,
    -- Final: such a row never changes again.
    deleted_at timestamptz
);
