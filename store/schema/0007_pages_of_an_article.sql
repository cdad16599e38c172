-- Articles spread over several pages: what was asked for after the first page, look by look.
-- The first page is the check itself; a check of one page has no rows here.

CREATE TABLE pages (
    fetch_id      UBIGINT NOT NULL,       -- the check that the page belongs to
    article_id    UBIGINT NOT NULL,
    number        SMALLINT NOT NULL,      -- 2 is the page after the first
    address       VARCHAR NOT NULL,
    started_at    TIMESTAMP NOT NULL,
    finished_at   TIMESTAMP NOT NULL,
    outcome       VARCHAR NOT NULL,       -- read, or what stood there instead
    detail        VARCHAR NOT NULL,
    reason        VARCHAR NOT NULL,
    status        SMALLINT,
    final_address VARCHAR,
    body_digest   VARCHAR,                -- SHA-256, hex
    headers       VARCHAR USING COMPRESSION zstd  -- JSON: [[name, value], …]
);

-- From how many pages the article was read: the check, and the last check that showed the current state.
ALTER TABLE fetches ADD COLUMN pages SMALLINT DEFAULT 1;
ALTER TABLE article_states ADD COLUMN pages SMALLINT DEFAULT 1;
