-- Ten thousand reels of the products that have some, as public as those.
INSERT INTO reels (id, product_id, seller_id, caption, status, video_url, video_path, duration_ms, size_bytes, width, height,
    is_public, created_at, updated_at)
SELECT md5('reel ' || n)::uuid, shown.id, shown.seller_id, 'Mesure ' || n, 'ready', 'https://cdn.example.com/' || n || '.mp4',
    'videos/' || n || '.mp4', 15000, 2000000, 720, 1280, true, made, made
FROM generate_series(1, 10000) n
    JOIN (SELECT id, seller_id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS count
        FROM products WHERE on_sale AND id IN (SELECT product_id FROM reels WHERE is_public)) AS shown
        ON shown.place = 1 + n % shown.count,
    LATERAL (SELECT now() - interval '30 days' - n * interval '1 minute' AS made) AS times
ON CONFLICT DO NOTHING;
INSERT INTO reel_counts (reel_id) SELECT id FROM reels ON CONFLICT DO NOTHING;
ANALYZE reels;
