DROP TABLE wilayas;
