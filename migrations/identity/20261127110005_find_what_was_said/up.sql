-- What was said of an account is said anew when it is deleted.
CREATE INDEX CONCURRENTLY outbox_of_aggregate ON outbox (aggregate_id);
