DROP TABLE view_drains;
DROP TABLE reel_comments;
DROP TABLE reel_likes;
DROP TABLE reel_counts;
DROP TABLE reels;
DROP FUNCTION keep_reel_status();
DROP TABLE products;
DROP TABLE accounts;
