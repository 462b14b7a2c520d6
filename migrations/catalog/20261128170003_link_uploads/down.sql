DROP TABLE linked_uploads;
