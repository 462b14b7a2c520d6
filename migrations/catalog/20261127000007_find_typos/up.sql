-- No word of a query that is forgiven a letter is one letter off from a shorter one.
CREATE INDEX CONCURRENTLY vocabulary_typos ON vocabulary USING gin (letter_left_out(word)) WITH (fastupdate = off)
    WHERE char_length(word) >= 4;
