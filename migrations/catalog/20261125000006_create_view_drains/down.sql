DROP TABLE view_drains;
