DROP TRIGGER reels_gone ON reels;
DROP TRIGGER reels_changed ON reels;
DROP TRIGGER reels_written ON reels;
DROP FUNCTION count_reels();
DROP TABLE feed_counts;
