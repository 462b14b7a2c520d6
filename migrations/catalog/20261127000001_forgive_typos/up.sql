-- Search by one lookup, in order of relevance, without asking another table.

-- On sale or not as the product is; `on_sale` is in no index: a change of it stays on its page.
ALTER TABLE product_words ADD COLUMN on_sale boolean, ADD COLUMN created_at timestamptz, SET (fillfactor = 85);

-- `words` also holds, behind a hyphen, what is left of each word of name and brand without its first letters, three letters
-- at least: a word with `lait` inside has an entry that begins with `-lait`. And behind a plus the words of the name once
-- more: what begins one of them is looked up without meeting all descriptions that hold it.
CREATE FUNCTION spread_words(words tsvector) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT
RETURN (
    SELECT coalesce(string_agg(quote_literal(entry.word) || ':' || entry.places, ' '), '')::tsvector
    FROM (
        SELECT lexeme AS word, (
            SELECT string_agg(place || weight, ',') FROM unnest(positions, weights) AS places (place, weight)
        ) AS places
        FROM unnest(words)
        UNION ALL
        SELECT '-' || substr(lexeme, start), (
            SELECT string_agg(place || weight, ',') FROM unnest(positions, weights) AS places (place, weight)
            WHERE weight IN ('A', 'B')
        )
        FROM unnest(words), generate_series(2, char_length(lexeme) - 2) AS start
        WHERE weights && '{A,B}'
        UNION ALL
        SELECT '+' || lexeme, '1A' FROM unnest(words) WHERE weights @> '{A}'
    ) AS entry
);

-- A word, and what it is with each letter left out in turn. Two words that are one letter apart share one of these,
-- wherever that letter is; few others do.
CREATE FUNCTION letter_left_out(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN ARRAY(SELECT overlay(word PLACING '' FROM place FOR 1) FROM generate_series(1, char_length(word)) AS place) || word;
