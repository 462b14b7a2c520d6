-- Whether a reel shows a video is asked before its file is deleted. Hashes: addresses are long.
CREATE INDEX CONCURRENTLY reels_by_video_url ON reels USING hash (video_url);
