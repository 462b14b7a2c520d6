DROP INDEX CONCURRENTLY products_by_video_url;
