-- Acts: articles that were removed everywhere. The number stays, so that no feed brings them back
-- and whoever holds an export learns of it; nothing of what they said, not even their address.

CREATE TABLE forgotten (
    article_id   UBIGINT NOT NULL,        -- of the article, and of each address it moved to
    forgotten_at TIMESTAMP NOT NULL
);
