DROP TABLE doomed_objects;
DROP TABLE receipts;
DROP TABLE uploads;
DROP FUNCTION keep_upload_status();
