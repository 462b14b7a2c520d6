DROP TABLE cart_items;
DROP TABLE carts;
DROP FUNCTION count_added_lines;
DROP FUNCTION count_removed_lines;
