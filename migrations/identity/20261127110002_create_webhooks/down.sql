DROP TABLE webhooks;
DROP TRIGGER users_follow_is_active ON users;
DROP FUNCTION follow_is_active;
ALTER TABLE users DROP COLUMN clerk_updated_at, DROP COLUMN is_banned, DROP COLUMN is_switched_off;
