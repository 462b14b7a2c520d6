-- Whether a product shows a picture is asked before its file is deleted. Hashes: addresses are long.
CREATE INDEX CONCURRENTLY product_images_by_image_url ON product_images USING hash (image_url);
