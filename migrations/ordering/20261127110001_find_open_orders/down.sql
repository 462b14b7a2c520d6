DROP INDEX orders_open_of_seller;
