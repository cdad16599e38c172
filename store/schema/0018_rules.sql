-- What people set on the dashboard about alerts (acts), and trouble with the watching itself.

CREATE TABLE rules (
    name     VARCHAR NOT NULL,
    action   VARCHAR NOT NULL,            -- keep, drop, reset: as the configuration has it
    rule     VARCHAR,                     -- JSON, as the configuration writes one; NULL unless kept
    acted_at TIMESTAMP NOT NULL
);

CREATE TABLE troubles (                   -- what is wrong now; a row goes when it has been well for a while
    name       VARCHAR PRIMARY KEY,
    began_at   TIMESTAMP NOT NULL,
    told_at    TIMESTAMP,
    well_since TIMESTAMP                  -- the first look that no longer found it
);
