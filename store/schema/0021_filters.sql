-- Filters for searching in sixteen parts: a word is known to one of them, and the others are not read. All
-- findings for searching are made again by the next search.

DROP TABLE search_filters;
CREATE TABLE search_filters (             -- which words a chunk of texts may hold: Bloom filters, in parts
    place        VARCHAR NOT NULL,        -- text, headline
    first_number BIGINT NOT NULL,         -- of the chunk: a sentence, or a document's place in its table
    revision     INTEGER NOT NULL,        -- of the rules by which texts are found
    part_0       BLOB NOT NULL,
    part_1       BLOB NOT NULL,
    part_2       BLOB NOT NULL,
    part_3       BLOB NOT NULL,
    part_4       BLOB NOT NULL,
    part_5       BLOB NOT NULL,
    part_6       BLOB NOT NULL,
    part_7       BLOB NOT NULL,
    part_8       BLOB NOT NULL,
    part_9       BLOB NOT NULL,
    part_10      BLOB NOT NULL,
    part_11      BLOB NOT NULL,
    part_12      BLOB NOT NULL,
    part_13      BLOB NOT NULL,
    part_14      BLOB NOT NULL,
    part_15      BLOB NOT NULL
);
DELETE FROM search_places;
