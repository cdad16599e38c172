-- What is known of hosts, so that politeness outlives a crash. Facts about them, not history: one row each.

CREATE TABLE hosts (
    host          VARCHAR PRIMARY KEY,    -- host, or host:port
    asked_at      TIMESTAMP,              -- the last request; kept for hosts that set a pace of their own
    delay_seconds DOUBLE NOT NULL,        -- their Crawl-delay; 0 where they ask for none
    paused_until  TIMESTAMP,
    pause_reason  VARCHAR NOT NULL,       -- one sentence
    failures      INTEGER NOT NULL        -- requests in a row to which no answer came
);

CREATE TABLE robots (
    address     VARCHAR PRIMARY KEY,      -- of the robots.txt
    answered_at TIMESTAMP NOT NULL,
    status      SMALLINT NOT NULL,
    body        BLOB NOT NULL             -- as received, cut where reading stops
);
