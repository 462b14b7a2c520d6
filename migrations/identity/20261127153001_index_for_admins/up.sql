-- Accounts as admins list them: in each order, and narrowed to few. The one by role also counts them.
CREATE INDEX users_created ON users (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_name ON users (name_words, id) WHERE deleted_at IS NULL;
CREATE INDEX users_role ON users (role, created_at, id) INCLUDE (approval, is_active) WHERE deleted_at IS NULL;
CREATE INDEX users_category ON users (seller_category, created_at, id)
    WHERE seller_category IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_approval ON users (approval, created_at, id) WHERE approval IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_verified ON users (created_at, id) WHERE is_verified AND deleted_at IS NULL;
CREATE INDEX users_inactive ON users (created_at, id) WHERE NOT is_active AND deleted_at IS NULL;
CREATE INDEX users_deleted ON users (created_at, id) WHERE deleted_at IS NOT NULL;

-- What they search by: words of the name, the beginning of e-mail or phone. Small pending lists: no newcomer pays for
-- many others.
CREATE INDEX users_words ON users USING gin (name_words gin_trgm_ops) WITH (gin_pending_list_limit = 512);
CREATE INDEX users_email ON users (lower(email) text_pattern_ops) WHERE email IS NOT NULL;
CREATE INDEX users_phone ON users (phone text_pattern_ops) WHERE phone IS NOT NULL;
