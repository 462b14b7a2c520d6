CREATE INDEX vocabulary_inside ON vocabulary USING gin (word gin_trgm_ops);
