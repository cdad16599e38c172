"""How long responses are kept. What they showed stays: checks, digests, texts and findings."""

from __future__ import annotations

from datetime import datetime

import duckdb

from store.rows import to_column

# The responses that show an article's state of now, which a new reader must read again before the
# next look (docs/upgrading.md); and those that others are packed against.
_STILL_NEEDED = """
    SELECT f.body_digest FROM article_states s
    JOIN versions v ON v.article_id = s.article_id AND v.number = s.current_version
    JOIN fetches f ON f.fetch_id = v.fetch_id WHERE f.body_digest IS NOT NULL
    UNION SELECT p.body_digest FROM article_states s
    JOIN versions v ON v.article_id = s.article_id AND v.number = s.current_version
    JOIN pages p ON p.fetch_id = v.fetch_id WHERE p.body_digest IS NOT NULL
    UNION SELECT c.body_digest FROM article_states s
    JOIN versions v ON v.article_id = s.article_id AND v.number = s.current_version
    JOIN captures c ON c.capture_id = v.fetch_id WHERE c.body_digest IS NOT NULL
    UNION SELECT base_digest FROM bodies WHERE base_digest IS NOT NULL
"""


def let_go(connection: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Remove the responses that were kept before a moment; return how many.

    Never that of the state an article is in now, nor one that another is packed against: it goes
    when the other is gone.
    """
    rows = connection.execute(
        f"DELETE FROM bodies WHERE kept_at < ? AND digest NOT IN ({_STILL_NEEDED}) RETURNING 1",  # noqa: S608
        [to_column(before)],
    ).fetchall()
    return len(rows)
