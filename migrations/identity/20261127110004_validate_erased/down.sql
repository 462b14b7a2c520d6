-- A constraint that was looked at has nothing to undo.
SELECT 1;
