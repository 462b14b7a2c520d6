DROP INDEX CONCURRENTLY reels_by_thumbnail_url;
