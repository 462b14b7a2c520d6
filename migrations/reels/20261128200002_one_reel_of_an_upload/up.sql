CREATE UNIQUE INDEX CONCURRENTLY reels_of_upload ON reels (upload_id);
