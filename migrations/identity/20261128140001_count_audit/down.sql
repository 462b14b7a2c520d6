DROP TRIGGER audit_written ON audit;
DROP FUNCTION count_audit;
DROP TABLE audit_counts;
