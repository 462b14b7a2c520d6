ALTER TABLE categories DROP CONSTRAINT categories_deleted, DROP COLUMN deleted_at;
