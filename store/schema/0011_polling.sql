-- What a source has shown, poll by poll: how soon it is asked again follows from it.

ALTER TABLE sources ADD COLUMN pattern VARCHAR;       -- what an article's address must hold, with * for anything
ALTER TABLE polls ADD COLUMN part VARCHAR;            -- what was asked where it is not the source's own address
ALTER TABLE polls ADD COLUMN print UBIGINT;           -- what it offered, as a number; NULL where it was not read
ALTER TABLE polls ADD COLUMN has_news BOOLEAN;        -- whether it showed something else than the poll before
ALTER TABLE polls ADD COLUMN not_before TIMESTAMP;    -- until when the source itself asks to be left
ALTER TABLE polls ADD COLUMN because VARCHAR;         -- why it was asked then, in one sentence
