DROP TABLE webhooks;
ALTER TABLE users DROP COLUMN clerk_updated_at, DROP COLUMN is_banned, DROP COLUMN is_switched_off;
