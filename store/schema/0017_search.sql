-- Findings for searching, made when somebody searches and made again where they are missing.

CREATE TABLE search_filters (             -- which words a chunk of texts may hold
    place        VARCHAR NOT NULL,        -- text, headline
    first_number BIGINT NOT NULL,         -- of the chunk: a sentence, or a document's place in its table
    revision     INTEGER NOT NULL,        -- of the rules by which texts are found
    bits         BLOB NOT NULL            -- a Bloom filter
);

CREATE TABLE search_places (              -- which article ever said which sentences, by runs
    first_document BIGINT NOT NULL,       -- of the chunk of documents that said them first
    article_id     UBIGINT NOT NULL,
    first_sentence INTEGER NOT NULL,
    last_sentence  INTEGER NOT NULL
);
