-- A million likes, a hundred for each reel, counted.
INSERT INTO reel_likes (reel_id, user_id, id, created_at)
SELECT reel_id, md5('viewer ' || liked.number || ' ' || n % 5000)::uuid, gen_random_uuid(), now() - n * interval '1 second'
FROM (SELECT reel_id, row_number() OVER () AS place FROM reel_counts) AS counted,
    generate_series(1, 100) AS liked (number),
    LATERAL (SELECT counted.place * 100 + liked.number AS n) AS numbers
ON CONFLICT DO NOTHING;
UPDATE reel_counts SET likes = counted.likes
FROM (SELECT reel_id, count(*) AS likes FROM reel_likes GROUP BY reel_id) AS counted
WHERE counted.reel_id = reel_counts.reel_id;
