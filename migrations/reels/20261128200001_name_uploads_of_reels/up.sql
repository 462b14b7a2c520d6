-- Of which upload a reel's video is; it may name one that media deleted since.
ALTER TABLE reels ADD COLUMN upload_id uuid;

-- The video that a product names, and whether somebody has looked if it makes a reel: a reel that its seller deleted does
-- not come again with the next change of the product.
CREATE TABLE named_videos (
    product_id uuid PRIMARY KEY,
    video_url text NOT NULL,
    -- Of the product's content that named it.
    version bigint NOT NULL,
    looked_at timestamptz
);
CREATE INDEX named_videos_new ON named_videos (product_id) WHERE looked_at IS NULL;
