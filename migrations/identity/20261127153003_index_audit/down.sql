DROP INDEX audit_of_target;
DROP INDEX audit_of_type;
