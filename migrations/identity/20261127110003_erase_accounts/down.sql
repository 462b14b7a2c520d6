ALTER TABLE users DROP CONSTRAINT users_erased;
DROP INDEX outbox_of_aggregate;
