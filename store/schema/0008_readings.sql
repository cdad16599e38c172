-- Findings: what a kept response says by another revision of the reader than the one that read it
-- first. Added, never changed: the first reading stays with its check or capture.

CREATE TABLE readings (
    fact_id        UBIGINT NOT NULL,      -- the check or capture whose response was read again
    article_id     UBIGINT NOT NULL,
    extractor      VARCHAR NOT NULL,
    read_at        TIMESTAMP NOT NULL,
    outcome        VARCHAR NOT NULL,      -- read, or what it is taken for now
    detail         VARCHAR NOT NULL,
    reason         VARCHAR NOT NULL,
    document_id    UBIGINT,               -- NULL where it is taken for no article
    document_print UBIGINT
);

-- Articles whose newest facts are not in their findings yet: a backfill judges once, at its end.
CREATE TABLE unjudged (
    article_id UBIGINT PRIMARY KEY
);
