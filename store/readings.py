"""What kept responses say by other revisions of the reader than the one that read them first.

A reading is added and never changes; the first one stays with its check or capture. Which of
them stands in the history is decided when it is judged again (``store.replay``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from store import bodies, documents
from store.judge import document_print
from store.model import AS_SERVED, Document, Outcome, Snapshot
from store.rows import insert, select, to_column

# Every look whose response may be at hand, ours and others. A page is known by its digest; what
# was read from several pages, by the look.
_LOOKS = """
    SELECT article_id, fetch_id AS fact_id, started_at AS seen_at, body_digest, extractor,
           document_id, final_address, headers, pages > 1 AS several,
           CASE WHEN pages > 1 THEN fetch_id::VARCHAR ELSE body_digest END AS page
    FROM fetches WHERE body_digest IS NOT NULL AND outcome <> 'unchanged'
    UNION ALL
    SELECT article_id, capture_id, captured_at, body_digest, extractor, document_id, NULL, headers,
           false, body_digest
    FROM captures WHERE body_digest IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One kept response of a look, with the address and the label that it came with."""

    address: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A look that a revision of the reader has not read: its responses, the first page first."""

    article_id: int
    fact_id: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What the responses of one look are taken for now."""

    fact_id: int
    article_id: int
    read_at: datetime
    outcome: Outcome
    detail: str
    reason: str
    document: Document

    @property
    def says(self) -> Document | None:
        """The document, where the page is taken for an article."""
        return self.document if self.outcome is Outcome.READ else None


def unread(connection: duckdb.DuckDBPyConnection, article: int, extractor: str) -> list[Kept]:
    """Return the looks at an article that a revision of the reader has not read, oldest first.

    Those whose responses are not all kept are left out.
    """
    rows = select(
        connection,
        f"""WITH looks AS (SELECT * FROM ({_LOOKS}) WHERE article_id = $1)
            SELECT DISTINCT ON (page) k.*, coalesce(d.address, final_address, a.address) AS address
            FROM looks k JOIN articles a USING (article_id)
            LEFT JOIN documents d USING (document_id)
            WHERE page NOT IN (
                SELECT page FROM looks WHERE extractor IN ($2, $3)
                UNION
                SELECT page FROM looks JOIN readings r USING (fact_id)
                WHERE r.extractor IN ($2, $3))
            ORDER BY page, seen_at""",  # noqa: S608  (ours)
        [article, extractor, extractor + AS_SERVED],
    )
    found = [_kept(connection, row) for row in sorted(rows, key=lambda row: row["seen_at"])]
    return [one for one in found if one is not None]


def needed(connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot]) -> list[Kept]:
    """Return the kept responses without which snapshots would be held against another reading.

    For each snapshot that says something else than the current state of its article: the response
    that first showed that state, where another revision read it.
    """
    says = {one.fetch.article_id: one.document for one in snapshots if one.document is not None}
    found = select(
        connection,
        """SELECT v.article_id, v.fetch_id, v.document_id, v.document_print
           FROM versions v JOIN article_states s
             ON s.article_id = v.article_id AND s.current_version = v.number
           WHERE v.article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [list(says)],
    )
    other = {
        row["article_id"]: row["fetch_id"]
        for row in found
        if row["document_print"] != document_print(says[row["article_id"]])
        and _reader(connection, row["document_id"]) != says[row["article_id"]].extractor
    }
    return [
        kept
        for article, look in other.items()
        for kept in unread(connection, article, says[article].extractor)
        if kept.fact_id == look
    ]


def _reader(connection: duckdb.DuckDBPyConnection, document: int) -> str:
    row = connection.execute(
        "SELECT extractor FROM documents WHERE document_id = ? LIMIT 1", [document]
    ).fetchone()
    return row[0] if row else ""


def stale(
    connection: duckdb.DuckDBPyConnection, extractor: str, others: Mapping[str, str]
) -> list[int]:
    """Return the articles with a kept look that was never read by the revision of today.

    That is ``extractor``, or for some hosts one of ``others``.
    """
    found = connection.execute(
        f"""WITH looks AS (FROM ({_LOOKS})),
                 told AS (SELECT unnest($2::VARCHAR[]) AS host, unnest($3::VARCHAR[]) AS extractor),
                 wanted AS (SELECT article_id, coalesce(t.extractor, $1) AS extractor
                            FROM articles LEFT JOIN told t USING (host))
            SELECT DISTINCT article_id FROM (
                SELECT article_id, page FROM (
                    SELECT article_id, page, extractor AS reader FROM looks
                    WHERE body_digest IN (SELECT digest FROM bodies)
                      AND NOT (several AND fact_id IN (
                          SELECT fetch_id FROM pages WHERE detail = 'read'
                          AND body_digest NOT IN (SELECT digest FROM bodies)))
                    UNION ALL
                    SELECT k.article_id, k.page, r.extractor
                    FROM looks k JOIN readings r USING (fact_id)
                ) JOIN wanted w USING (article_id)
                GROUP BY ALL
                HAVING NOT coalesce(bool_or(reader IN (w.extractor, w.extractor || $4)), false)
            ) ORDER BY article_id""",  # noqa: S608  (ours)
        [extractor, list(others), list(others.values()), AS_SERVED],
    ).fetchall()
    return [number for (number,) in found]


def keep(connection: duckdb.DuckDBPyConnection, fresh: Sequence[ReadAgain]) -> None:
    """Add readings with their documents."""
    documents.keep(connection, [one.says for one in fresh if one.says is not None])
    insert(connection, "readings", [_row(one) for one in fresh])


def of_article(connection: duckdb.DuckDBPyConnection, article: int) -> list[dict[str, Any]]:
    """Return the rows of an article's readings, oldest first."""
    return select(
        connection, "SELECT * FROM readings WHERE article_id = ? ORDER BY rowid", [article]
    )


def of_versions(
    connection: duckdb.DuckDBPyConnection, articles: Sequence[int]
) -> list[dict[str, Any]]:
    """Return what later readings make of the pages that brought versions, oldest first."""
    return select(
        connection,
        """SELECT r.article_id, v.number, r.extractor, r.document_id, r.document_print
           FROM readings r JOIN versions v ON v.article_id = r.article_id AND v.fetch_id = r.fact_id
           WHERE r.article_id IN (SELECT unnest(?::UBIGINT[])) AND r.document_id IS NOT NULL
           ORDER BY r.rowid""",
        [list(articles)],
    )


def pair(connection: duckdb.DuckDBPyConnection, article: int, versions: Sequence[int]) -> list[int]:
    """Return the documents of versions that one revision of the reader made of them all.

    Where there is none, each as it stands in the history.
    """
    rows = connection.execute(
        """SELECT v.number, d.extractor, d.document_id, 0 AS place FROM versions v
           JOIN documents d USING (document_id)
           WHERE v.article_id = $1 AND list_contains($2::INTEGER[], v.number)
           UNION ALL
           SELECT v.number, r.extractor, r.document_id, r.rowid + 1 FROM versions v
           JOIN readings r ON r.article_id = v.article_id AND r.fact_id = v.fetch_id
           WHERE v.article_id = $1 AND list_contains($2::INTEGER[], v.number)
             AND r.document_id IS NOT NULL
           ORDER BY place""",
        [article, list(versions)],
    ).fetchall()
    found: dict[int, dict[str, int]] = {}
    for number, extractor, document, _ in rows:
        found.setdefault(number, {}).setdefault(extractor, document)
    common = set.intersection(*(set(one) for one in found.values())) if found else set()
    main = next((by for one in found.values() for by in one if by in common), None)
    of = (found[number] for number in versions if number in found)
    return [one[main] if main else next(iter(one.values())) for one in of]


def _kept(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> Kept | None:
    found = [_part(connection, row), *_following(connection, row)]
    parts = tuple(part for part in found if part is not None)
    if len(parts) < len(found):
        return None
    return Kept(row["article_id"], row["fact_id"], parts)


def _following(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> Iterator[Part | None]:
    """The pages after the first, where the article was read from several."""
    if not row["several"]:
        return
    pages = select(
        connection,
        """SELECT coalesce(final_address, address) AS address, body_digest, headers FROM pages
           WHERE fetch_id = ? AND detail = 'read' ORDER BY number""",
        [row["fact_id"]],
    )
    yield from (_part(connection, page) for page in pages)


def _part(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> Part | None:
    body = bodies.load(connection, row["body_digest"]) if row["body_digest"] else None
    return None if body is None else Part(row["address"], _content_type(row["headers"]), body)


def _content_type(headers: str | None) -> str:
    pairs = json.loads(headers or "[]")
    return next((value for name, value in pairs if name.lower() == "content-type"), "")


def _row(one: ReadAgain) -> tuple[Any, ...]:
    document = one.says
    return (
        one.fact_id,
        one.article_id,
        one.document.extractor,
        to_column(one.read_at),
        one.outcome.value,
        one.detail,
        one.reason,
        documents.document_id(document) if document else None,
        document_print(document) if document else None,
    )
