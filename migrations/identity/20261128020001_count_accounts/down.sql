DROP TRIGGER users_gone ON users;
DROP TRIGGER users_changed ON users;
DROP TRIGGER users_written ON users;
DROP FUNCTION count_accounts;
DROP TABLE account_counts;
