-- The columns go with the migration that made them.
SELECT 1;
