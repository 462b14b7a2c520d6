DROP INDEX things_name;
