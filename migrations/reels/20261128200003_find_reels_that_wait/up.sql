-- Those whose video is not there yet.
CREATE INDEX CONCURRENTLY reels_that_wait ON reels (created_at) WHERE status = 'processing';
