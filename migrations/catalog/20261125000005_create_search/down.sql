DROP TABLE vocabulary;
DROP TABLE product_words;
