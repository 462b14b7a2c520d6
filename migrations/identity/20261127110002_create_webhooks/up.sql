ALTER TABLE users
    -- An account is active when neither an admin nor Clerk says otherwise; both are remembered, so that lifting the
    -- one does not lift the other.
    ADD COLUMN is_switched_off boolean NOT NULL DEFAULT false,
    ADD COLUMN is_banned boolean NOT NULL DEFAULT false,
    -- Of the state at Clerk that was applied last: only a newer one is applied.
    ADD COLUMN clerk_updated_at timestamptz;
-- Few: until now only admins could do that.
UPDATE users SET is_switched_off = true WHERE NOT is_active;

-- Programs of the release before know `is_active` alone, and what they say with it is an admin's word. Goes with them.
CREATE FUNCTION follow_is_active() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_switched_off = NOT NEW.is_active;
    RETURN NEW;
END $$;
CREATE TRIGGER users_follow_is_active BEFORE UPDATE OF is_active ON users FOR EACH ROW
    WHEN (NEW.is_active IS DISTINCT FROM (NOT NEW.is_switched_off AND NOT NEW.is_banned))
    EXECUTE FUNCTION follow_is_active();

-- What Clerk sent, each id once.
CREATE TABLE webhooks (
    svix_id text PRIMARY KEY CONSTRAINT webhooks_svix_id_length CHECK (length(svix_id) BETWEEN 1 AND 128),
    -- By which another body under the same id is noticed.
    body_hash bytea NOT NULL,
    -- Whom it is about, where something follows from it.
    clerk_id text CONSTRAINT webhooks_clerk_id_length CHECK (length(clerk_id) BETWEEN 1 AND 128),
    -- As it was signed: personal, so it goes as soon as it is applied, or with its account.
    body bytea,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Nothing is left to do.
    applied_at timestamptz,
    -- Tries that failed, and when the next one is due.
    failures integer NOT NULL DEFAULT 0 CONSTRAINT webhooks_failures CHECK (failures >= 0),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhooks_body CHECK ((body IS NULL) = (applied_at IS NOT NULL))
);
CREATE INDEX webhooks_due ON webhooks (due_at) WHERE applied_at IS NULL;
CREATE INDEX webhooks_waiting ON webhooks (clerk_id) WHERE applied_at IS NULL;
CREATE INDEX webhooks_received ON webhooks (received_at);
