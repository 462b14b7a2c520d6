DROP INDEX CONCURRENTLY reels_by_video_url;
