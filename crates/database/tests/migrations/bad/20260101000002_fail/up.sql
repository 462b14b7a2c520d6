CREATE TABLE half (id int); SELECT nothing;
