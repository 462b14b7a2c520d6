-- The audit of one thing whose type is not said, and of one type of things.
CREATE INDEX audit_of_target ON audit (target_id, created_at, id);
CREATE INDEX audit_of_type ON audit (target_type, created_at, id);
