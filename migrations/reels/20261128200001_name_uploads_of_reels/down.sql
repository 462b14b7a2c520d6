DROP TABLE named_videos;
ALTER TABLE reels DROP COLUMN upload_id;
