-- Devices that take push messages. A token is one device; it belongs to the account that registered it last.
CREATE TABLE push_tokens (
    token text PRIMARY KEY CONSTRAINT push_tokens_token_length CHECK (length(token) BETWEEN 1 AND 255),
    user_id uuid NOT NULL CONSTRAINT push_tokens_user REFERENCES users,
    platform text CONSTRAINT push_tokens_platform CHECK (platform IN ('ios', 'android')),
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX push_tokens_of_user ON push_tokens (user_id, registered_at);
