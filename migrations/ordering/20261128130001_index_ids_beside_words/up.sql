-- Ids and words in one index.
CREATE EXTENSION IF NOT EXISTS btree_gin;
