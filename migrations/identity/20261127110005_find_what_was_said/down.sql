DROP INDEX CONCURRENTLY outbox_of_aggregate;
