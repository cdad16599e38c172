-- Findings: which passage changed where, so that what repeats over an outlet's articles is known.

CREATE TABLE passages (
    host          VARCHAR NOT NULL,
    digest        UBIGINT NOT NULL,       -- of the old and the new text, normalised
    article_id    UBIGINT NOT NULL,
    new_number    INTEGER NOT NULL,
    ordinal       INTEGER NOT NULL,       -- of the change
    seen_first_at TIMESTAMP NOT NULL,
    held          BOOLEAN NOT NULL        -- known to be furniture: kept, countable, never told
);
