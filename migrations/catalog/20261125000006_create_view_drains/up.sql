-- Batches of counted views that reached the products: a batch whose deletion from Redis was lost is not added twice.
CREATE TABLE view_drains (
    batch_id uuid PRIMARY KEY,
    drained_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX view_drains_age ON view_drains (drained_at);
