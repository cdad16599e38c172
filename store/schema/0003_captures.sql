-- Facts: what web archives and WARC files saw of an article. Never our own check.

CREATE TABLE captures (
    capture_id       UBIGINT NOT NULL,
    article_id       UBIGINT NOT NULL,
    captured_at      TIMESTAMP NOT NULL,  -- by whoever captured it
    read_at          TIMESTAMP NOT NULL,  -- by us, out of their archive
    archive          VARCHAR NOT NULL,    -- the web archive's host, or the file's name
    address          VARCHAR NOT NULL,    -- where the capture stands there
    captured_address VARCHAR NOT NULL,    -- the page's address, as captured
    record_id        VARCHAR,             -- WARC-Record-ID
    digest           VARCHAR,             -- of the payload, as the archive states it
    outcome          VARCHAR NOT NULL,    -- read, or what stood there instead of the article
    detail           VARCHAR NOT NULL,
    reason           VARCHAR NOT NULL,
    status           SMALLINT,
    body_digest      VARCHAR,             -- SHA-256, hex, of the decoded page
    document_id      UBIGINT,
    document_print   UBIGINT,
    extractor        VARCHAR,
    headers          VARCHAR USING COMPRESSION zstd  -- JSON: [[name, value], …]
);

-- What every check showed, so that findings can be made again from facts alone.
ALTER TABLE fetches ADD COLUMN document_id UBIGINT;
UPDATE fetches SET document_id = v.document_id
FROM (SELECT article_id, document_print, any_value(document_id) AS document_id
      FROM versions GROUP BY article_id, document_print) v
WHERE v.article_id = fetches.article_id AND v.document_print = fetches.document_print;

-- Who showed the state before: an archive's name, or NULL for a check of ours.
ALTER TABLE versions ADD COLUMN checked_before_by VARCHAR;
ALTER TABLE versions ADD COLUMN captured_by VARCHAR;  -- who showed it first, in the same way
ALTER TABLE article_states ADD COLUMN last_good_by VARCHAR;
