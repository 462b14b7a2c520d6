-- What was done to accounts, and by admins to what is not theirs. Rows are added, never changed.
CREATE TABLE audit (
    -- Of an action of another service: the id of its event.
    id uuid PRIMARY KEY,
    -- Absent: the system.
    actor_id uuid,
    action text NOT NULL CONSTRAINT audit_action CHECK (action ~ '^[a-z0-9_]+\.[a-z0-9_]+$'),
    target_type text NOT NULL CONSTRAINT audit_target_type CHECK (target_type ~ '^[a-z0-9_]+$'),
    target_id text NOT NULL CONSTRAINT audit_target_id CHECK (length(target_id) BETWEEN 1 AND 200),
    -- {field: {"from": …, "to": …}} without personal data.
    changes jsonb NOT NULL CONSTRAINT audit_changes CHECK (jsonb_typeof(changes) = 'object'),
    request_id text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX audit_created ON audit (created_at, id);
CREATE INDEX audit_actor ON audit (actor_id, created_at, id);
CREATE INDEX audit_target ON audit (target_type, target_id, created_at, id);
CREATE INDEX audit_by_action ON audit (action, created_at, id);

CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit is append-only';
END $$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
