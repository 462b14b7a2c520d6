-- What is said (outbox) and was heard (inbox).
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL UNIQUE, name text NOT NULL, aggregate_id uuid NOT NULL, payload bytea NOT NULL, request_id text, traceparent text, created_at timestamptz NOT NULL DEFAULT now(), sent_at timestamptz, parked_at timestamptz);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE inbox (event_id uuid PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX inbox_received ON inbox (received_at);
