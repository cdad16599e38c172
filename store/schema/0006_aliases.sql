-- Where articles moved: one article, one identity, whatever addresses lead to it.

CREATE TABLE aliases (
    alias_id      UBIGINT PRIMARY KEY,    -- the number an article at that address would have
    article_id    UBIGINT NOT NULL,
    address       VARCHAR NOT NULL,
    seen_first_at TIMESTAMP NOT NULL
);

ALTER TABLE fetches ADD COLUMN moved_to VARCHAR;          -- where the server says it stands for good (301, 308)
ALTER TABLE article_states ADD COLUMN stands_at VARCHAR;  -- where it is asked for since then
