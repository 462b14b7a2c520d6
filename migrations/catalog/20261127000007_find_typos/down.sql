DROP INDEX CONCURRENTLY vocabulary_typos;
