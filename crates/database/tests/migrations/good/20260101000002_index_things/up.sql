CREATE INDEX CONCURRENTLY things_name ON things (name);
