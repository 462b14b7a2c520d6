-- Whether a reel shows a picture is asked before its file is deleted. Hashes: addresses are long.
CREATE INDEX CONCURRENTLY reels_by_thumbnail_url ON reels USING hash (thumbnail_url);
