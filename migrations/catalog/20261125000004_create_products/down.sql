DROP TABLE shown_stock;
DROP TABLE product_images;
DROP TABLE products;
