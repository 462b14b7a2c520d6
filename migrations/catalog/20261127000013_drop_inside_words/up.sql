-- Programs of the release before look inside words without it: more slowly, no less.
DROP INDEX vocabulary_inside;
