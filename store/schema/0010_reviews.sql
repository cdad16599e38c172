-- Acts: a person's marks on findings. A finding is named by what outlives a recompare: the article,
-- the check that first showed it, what happened, and the passage where one change of several is meant.

CREATE TABLE reviews (
    review_id     UBIGINT PRIMARY KEY,    -- made from all the rest: the same act is kept once
    article_id    UBIGINT NOT NULL,
    seen_first_at TIMESTAMP NOT NULL,     -- of the version, or of the event
    what          VARCHAR NOT NULL,       -- change, or the kind of the event: removed, restored …
    passage       VARCHAR,                -- SHA-256, hex, of old text, U+001F, new text; NULL: the whole
    mark          VARCHAR,                -- right, wrong, important; the state after the act, as all that follows
    status        VARCHAR,                -- open, in_work, done, set_aside
    assignee      VARCHAR,
    note          VARCHAR,
    reviewer      VARCHAR NOT NULL,       -- who
    acted_at      TIMESTAMP NOT NULL,
    came_by       VARCHAR NOT NULL        -- dashboard, or the name of the sheet
);
