-- Where feeds tell that they changed (WebSub): facts about them, not history, one row for each source.

CREATE TABLE subscriptions (
    source_id UBIGINT PRIMARY KEY,
    hub       VARCHAR NOT NULL,
    topic     VARCHAR NOT NULL,           -- the name by which the hub knows the feed
    state     VARCHAR NOT NULL,           -- found, asked, held, refused, leaving, left
    reason    VARCHAR NOT NULL,           -- what was said last, in one sentence
    token     VARCHAR,                    -- the end of our address that the hub alone knows
    secret    VARCHAR,                    -- signs what it sends; never shown
    asked_at  TIMESTAMP,                  -- our last request to the hub
    tries     INTEGER NOT NULL,           -- requests since the hub last kept its word
    until_at  TIMESTAMP,                  -- the end of the lease
    pushed_at TIMESTAMP                   -- when the hub last told of news, rightly signed
);
