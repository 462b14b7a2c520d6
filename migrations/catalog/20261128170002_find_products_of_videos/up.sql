-- Whether a product shows a video is asked before its file is deleted. Hashes: addresses are long.
CREATE INDEX CONCURRENTLY products_by_video_url ON products USING hash (video_url);
