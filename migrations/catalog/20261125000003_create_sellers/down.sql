DROP TABLE sellers;
