-- Documents, smaller: sentences named by runs of numbers, and what blocks are besides their text kept
-- once. A digest only has to find a text again, which is then looked at: 32 bits of its MD5 do.

ALTER TABLE sentences RENAME TO sentences_before;
CREATE TABLE sentences (
    sentence_id INTEGER NOT NULL,         -- local to this archive
    digest      UINTEGER NOT NULL,
    text        VARCHAR NOT NULL USING COMPRESSION zstd  -- with its trailing white space: joining is lossless
);
INSERT INTO sentences
SELECT sentence_id, ('0x' || left(md5(text), 8))::UINTEGER, text FROM sentences_before ORDER BY sentence_id;
DROP TABLE sentences_before;

CREATE TABLE frames (                     -- what the blocks of a document are, besides their text
    frame_id INTEGER NOT NULL,            -- local to this archive
    digest   UINTEGER NOT NULL,
    text     VARCHAR NOT NULL USING COMPRESSION zstd  -- JSON: [[kind, how many sentences, links, hints], …]
);

ALTER TABLE documents RENAME TO documents_before;
CREATE TABLE documents (
    document_id UBIGINT NOT NULL,
    extractor   VARCHAR NOT NULL,
    address     VARCHAR NOT NULL,
    headline    VARCHAR,
    standfirst  VARCHAR,
    byline      VARCHAR,
    published   VARCHAR,
    modified    VARCHAR,
    language    VARCHAR,
    outlet      VARCHAR,
    sentences   VARCHAR NOT NULL USING COMPRESSION zstd,   -- in order, by runs: "17+20,112" is 17 to 36, and 112
    frame_id    INTEGER,                  -- NULL where an export left the text out
    notes       VARCHAR NOT NULL USING COMPRESSION zstd,   -- JSON list
    claims      VARCHAR NOT NULL USING COMPRESSION zstd    -- JSON object
);

-- A run goes on while each number follows the one before.
CREATE TEMP TABLE runs AS
SELECT document, string_agg(run, ',' ORDER BY number) AS sentences FROM (
    SELECT document, number,
           min(sentence) || CASE WHEN count(*) > 1 THEN '+' || count(*) ELSE '' END AS run
    FROM (
        SELECT document, sentence, sum(begins::INTEGER) OVER (PARTITION BY document ORDER BY place) AS number
        FROM (
            SELECT *, coalesce(sentence <> 1 + lag(sentence) OVER (PARTITION BY document ORDER BY place), true)
                   AS begins
            FROM (
                SELECT document, unnest(said) AS sentence, generate_subscripts(said, 1) AS place
                FROM (SELECT rowid AS document,
                             flatten(list_transform(blocks, lambda b: b.sentences)) AS said
                      FROM documents_before)
            )
        )
    ) GROUP BY document, number
) GROUP BY document;

CREATE TEMP TABLE framed AS
SELECT rowid AS document, '[' || list_aggregate(list_transform(blocks, lambda b:
    '[' || to_json(b.kind) || ',' || len(b.sentences)
    || CASE WHEN len(b.links) + len(b.hints) > 0
            THEN ',' || to_json(b.links) || ',' || to_json(b.hints) ELSE '' END || ']'
    ), 'string_agg', ',') || ']' AS frame
FROM documents_before;

INSERT INTO frames
SELECT row_number() OVER (ORDER BY document), ('0x' || left(md5(frame), 8))::UINTEGER, frame
FROM (SELECT coalesce(frame, '[]') AS frame, min(document) AS document FROM framed GROUP BY ALL)
ORDER BY document;

INSERT INTO documents
SELECT document_id, extractor, address, headline, standfirst, byline, published, modified, language, outlet,
       coalesce(sentences, ''), frame_id, notes, claims
FROM documents_before d
LEFT JOIN runs r ON r.document = d.rowid
JOIN framed f ON f.document = d.rowid
JOIN frames ON frames.text = coalesce(frame, '[]')
ORDER BY d.rowid;

DROP TABLE runs;
DROP TABLE framed;
DROP TABLE documents_before;
