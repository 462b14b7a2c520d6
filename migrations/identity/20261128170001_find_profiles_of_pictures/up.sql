-- Whether a profile shows a picture is asked before its file is deleted. Hashes: addresses are long.
CREATE INDEX CONCURRENTLY users_by_avatar_url ON users USING hash (avatar_url);
