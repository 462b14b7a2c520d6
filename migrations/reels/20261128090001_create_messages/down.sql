DROP TABLE answers;
DROP TABLE inbox;
DROP TABLE outbox;
