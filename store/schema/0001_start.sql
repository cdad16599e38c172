-- Facts: appended, never changed. All times are UTC, without zone.

CREATE TABLE sources (
    source_id  UBIGINT PRIMARY KEY,
    kind       VARCHAR NOT NULL,          -- feed, sitemap, page, list, newsroom
    address    VARCHAR NOT NULL,
    added_at   TIMESTAMP NOT NULL
);

CREATE TABLE articles (
    article_id UBIGINT PRIMARY KEY,       -- from the canonical address
    address    VARCHAR NOT NULL,
    host       VARCHAR NOT NULL,
    source_id  UBIGINT,                   -- the source that first offered it, if any
    baseline   BOOLEAN NOT NULL,          -- was already old when we met it: no alert for its first state
    added_at   TIMESTAMP NOT NULL
);

CREATE TABLE fetches (
    fetch_id       UBIGINT NOT NULL,
    article_id     UBIGINT NOT NULL,
    started_at     TIMESTAMP NOT NULL,
    finished_at    TIMESTAMP NOT NULL,
    why            VARCHAR NOT NULL,
    outcome        VARCHAR NOT NULL,
    detail         VARCHAR NOT NULL,
    reason         VARCHAR NOT NULL,
    status         SMALLINT,
    final_address  VARCHAR,
    etag           VARCHAR,
    last_modified  VARCHAR,
    body_digest    VARCHAR,               -- SHA-256, hex
    document_print UBIGINT,               -- what the page said, as a number; NULL where nothing was read
    extractor      VARCHAR,
    headers        VARCHAR USING COMPRESSION zstd  -- JSON: [[name, value], …]
);

CREATE TABLE bodies (
    digest      VARCHAR PRIMARY KEY,      -- SHA-256 of the response, hex
    base_digest VARCHAR,                  -- the body it was compressed against, if any
    size        BIGINT NOT NULL,          -- bytes, before compression
    content     BLOB NOT NULL,            -- zstd
    kept_at     TIMESTAMP NOT NULL
);

CREATE TABLE comments (                   -- what readers wrote: each comment once, never part of an article
    comment_id    UBIGINT NOT NULL,
    article_id    UBIGINT NOT NULL,
    seen_first_at TIMESTAMP NOT NULL,
    ordinal       INTEGER NOT NULL,       -- its place in the thread when first seen
    depth         INTEGER NOT NULL,
    author        VARCHAR,
    text          VARCHAR NOT NULL USING COMPRESSION zstd,
    disputes      VARCHAR                 -- one sentence, where a reader disputes the headline or the text
);

CREATE TABLE polls (                      -- every look at a source
    source_id     UBIGINT NOT NULL,
    started_at    TIMESTAMP NOT NULL,
    finished_at   TIMESTAMP NOT NULL,
    outcome       VARCHAR NOT NULL,
    detail        VARCHAR NOT NULL,
    reason        VARCHAR NOT NULL,
    etag          VARCHAR,
    last_modified VARCHAR,
    links         INTEGER NOT NULL,
    new_articles  INTEGER NOT NULL
);

-- Findings: made from facts, can be made again; each stamped with what made it.

CREATE TABLE sentences (
    sentence_id INTEGER NOT NULL,         -- local to this archive
    digest      UBIGINT NOT NULL,
    text        VARCHAR NOT NULL USING COMPRESSION zstd  -- with its trailing white space: joining is lossless
);

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
    blocks      STRUCT(kind VARCHAR, sentences INTEGER[], links VARCHAR[], hints VARCHAR[])[] NOT NULL,
    notes       VARCHAR NOT NULL USING COMPRESSION zstd,   -- JSON list
    claims      VARCHAR NOT NULL USING COMPRESSION zstd    -- JSON object
);

CREATE TABLE versions (
    article_id        UBIGINT NOT NULL,
    number            INTEGER NOT NULL,
    fetch_id          UBIGINT NOT NULL,   -- the fetch that first showed it
    document_id       UBIGINT NOT NULL,
    document_print    UBIGINT NOT NULL,
    seen_first_at     TIMESTAMP NOT NULL,
    checked_before_at TIMESTAMP           -- the last check that still showed the state before; NULL for the first
);

CREATE TABLE comparisons (
    article_id   UBIGINT NOT NULL,
    old_number   INTEGER NOT NULL,
    new_number   INTEGER NOT NULL,
    verdict      VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,        -- of the change that matters most
    kinds        VARCHAR[] NOT NULL,      -- labels for the article as a whole
    significance DOUBLE NOT NULL,
    reason       VARCHAR NOT NULL,
    held_by      VARCHAR,                 -- the rule that holds it back from being told; NULL once told
    engine       VARCHAR NOT NULL,
    changes      INTEGER NOT NULL,        -- how many, and whether a note is or admits one of them:
    declared     BOOLEAN NOT NULL         -- kept here so that ranking never reads all changes
);

CREATE TABLE changes (
    article_id    UBIGINT NOT NULL,
    new_number    INTEGER NOT NULL,
    ordinal       INTEGER NOT NULL,
    kind          VARCHAR NOT NULL,
    sub_kind      VARCHAR,
    family        VARCHAR,
    old           VARCHAR USING COMPRESSION zstd,
    new           VARCHAR USING COMPRESSION zstd,
    redline       VARCHAR USING COMPRESSION zstd,  -- JSON: [[op, text], …]
    facts         VARCHAR NOT NULL,                -- JSON: [{"type", "old", "new"}, …]
    note          INTEGER,
    declared_by   INTEGER,
    significance  DOUBLE NOT NULL,
    reason        VARCHAR NOT NULL
);

CREATE TABLE notes (
    article_id  UBIGINT NOT NULL,
    number      INTEGER NOT NULL,         -- of the version
    ordinal     INTEGER NOT NULL,
    kind        VARCHAR NOT NULL,
    status      VARCHAR NOT NULL,         -- added, removed, edited, moved, kept
    text        VARCHAR NOT NULL,
    old_text    VARCHAR,
    place       VARCHAR NOT NULL,
    block       INTEGER,
    language    VARCHAR,
    cue         VARCHAR NOT NULL,
    stated_time VARCHAR,
    source      VARCHAR
);

CREATE TABLE events (                     -- what happened to an article as a whole
    article_id        UBIGINT NOT NULL,
    kind              VARCHAR NOT NULL,   -- removed, restored, returned, moved
    fetch_id          UBIGINT NOT NULL,
    version           INTEGER,            -- the state it returned to, or was in
    seen_first_at     TIMESTAMP NOT NULL,
    checked_before_at TIMESTAMP,
    significance      DOUBLE NOT NULL,
    reason            VARCHAR NOT NULL,
    held_by           VARCHAR
);

CREATE TABLE article_states (             -- one row an article: the summary the schedule and the pages read
    article_id       UBIGINT PRIMARY KEY,
    current_version  INTEGER,             -- the state it is in now
    versions         INTEGER NOT NULL,
    checks           INTEGER NOT NULL,
    headline         VARCHAR,
    outlet           VARCHAR,
    published        VARCHAR,
    first_read_at    TIMESTAMP,
    last_fetch_at    TIMESTAMP,
    last_outcome     VARCHAR,
    last_detail      VARCHAR,
    last_reason      VARCHAR,
    last_good_at     TIMESTAMP,           -- last check that showed the current state
    last_change_at   TIMESTAMP,
    unchanged_streak INTEGER NOT NULL,
    failures_streak  INTEGER NOT NULL,
    removed          BOOLEAN NOT NULL,
    held_print       UBIGINT,             -- an odd reading that waits for a second look
    gone_streak      INTEGER NOT NULL,
    confirms         INTEGER NOT NULL,    -- second looks still wanted
    waiting          VARCHAR,             -- what of the current state must still hold: headline, return
    before_version   INTEGER,             -- the version it replaced, while waiting
    etag             VARCHAR,             -- of the last reading of the current state
    last_modified    VARCHAR,
    body_digest      VARCHAR,
    first_body       VARCHAR              -- the digest that the article's later bodies are packed against
);

-- Acts: they happened, and are never remade.

CREATE TABLE watches (
    target    VARCHAR NOT NULL,           -- article, source
    target_id UBIGINT NOT NULL,
    action    VARCHAR NOT NULL,           -- watch, unwatch
    acted_at  TIMESTAMP NOT NULL,
    ordinal   INTEGER NOT NULL            -- orders acts of one moment
);

CREATE TABLE alerts (
    alert_id   VARCHAR PRIMARY KEY,       -- the same for one rule, article and pair of versions, for ever
    rule       VARCHAR NOT NULL,
    article_id UBIGINT NOT NULL,
    version    INTEGER,
    kind       VARCHAR NOT NULL,
    title      VARCHAR NOT NULL,
    reason     VARCHAR NOT NULL,
    body       VARCHAR NOT NULL,
    link       VARCHAR NOT NULL,
    channels   VARCHAR[] NOT NULL,
    raised_at  TIMESTAMP NOT NULL
);

CREATE TABLE deliveries (                 -- each attempt
    alert_id    VARCHAR NOT NULL,
    channel     VARCHAR NOT NULL,
    attempt     INTEGER NOT NULL,
    outcome     VARCHAR NOT NULL,         -- sent, failed
    reason      VARCHAR NOT NULL,
    finished_at TIMESTAMP NOT NULL
);
