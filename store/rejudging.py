"""All findings of one article made again from its facts: read them, replay them, write anew.

Facts stay as they are and no alert is raised. Versions are numbered in the order of time, so a
version may get another number; what alerts say of it follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from store import documents
from store.address import host_of
from store.filing import Rows, keep_event, keep_version
from store.judge import MOVED
from store.model import Document, Fetch, Outcome, Snapshot, Why
from store.repeats import Repeats
from store.replay import Fact, Step, in_order, replayed
from store.rows import insert, select, to_row

_FINDINGS = ("versions", "comparisons", "changes", "notes", "events", "passages")
_VERSIONS = re.compile(r"\b(old|new)=(\d+)")  # in the deep link of an alert
_SHOWN = frozenset({Outcome.READ, Outcome.UNCHANGED, Outcome.MOVED, Outcome.HELD})
_CURRENT = _SHOWN - {Outcome.HELD}


def rejudge(connection: duckdb.DuckDBPyConnection, article: int) -> None:
    """Make all findings of an article again, inside the caller's transaction."""
    library = _Library(connection)
    facts = in_order(
        _own(connection, article, library), list(_captured(connection, article, library))
    )
    before = _summary(connection, article)
    steps, after = replayed(facts, before | _blank(before))
    numbered = _numbers(connection, article)
    for table in _FINDINGS:
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", [article])  # noqa: S608
    _write(connection, host_of(before["address"]), steps)
    after["first_body"] = after["first_body"] or _first_body(connection, article)
    summary = {name: value for name, value in after.items() if name != "address"}
    insert(connection, "article_states", [to_row(summary.values())], replace=True)
    _renumber_alerts(connection, article, numbered, _numbers(connection, article))


class _Library:
    """Documents by their number, each read once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._documents: dict[int, Document] = {}

    def document(self, number: int) -> Document:
        if number not in self._documents:
            self._documents[number] = documents.load(self._connection, number)
        return self._documents[number]


# --------------------------------------------------------------------------
# Facts


def _own(connection: duckdb.DuckDBPyConnection, article: int, library: _Library) -> list[Fact]:
    """Our checks as they were recorded; one that found nothing new shows what was shown before."""
    rows = select(
        connection, "SELECT * FROM fetches WHERE article_id = ? ORDER BY rowid", [article]
    )
    facts = []
    shown: int | None = None
    for row in rows:
        outcome = Outcome(row["outcome"])
        stands = outcome is Outcome.UNCHANGED or row["detail"] == MOVED
        number = row["document_id"] or (shown if stands else None)
        if number is not None and outcome in _CURRENT:
            shown = number
        facts.append(_own_fact(row, outcome, number, library))
    return facts


def _own_fact(row: dict[str, Any], outcome: Outcome, shown: int | None, library: _Library) -> Fact:
    reads = shown is not None and outcome in _SHOWN
    fetch = Fetch(
        article_id=row["article_id"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        why=Why(row["why"]),
        outcome=Outcome.READ if reads else outcome,
        detail=row["detail"],
        reason=row["reason"],
        status=row["status"],
        final_address=row["final_address"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_digest=row["body_digest"],
        moved_to=row["moved_to"],
    )
    document = library.document(shown) if reads and shown is not None else None
    return Fact(row["fetch_id"], Snapshot(fetch, None, document), shown if reads else None)


def _captured(
    connection: duckdb.DuckDBPyConnection, article: int, library: _Library
) -> Iterator[Fact]:
    """What archives saw: only what was an article, since their robots' troubles are not ours."""
    rows = select(
        connection,
        "SELECT * FROM captures WHERE article_id = ? AND document_id IS NOT NULL AND outcome = ?",
        [article, Outcome.READ.value],
    )
    for row in rows:
        fetch = Fetch(
            article_id=article,
            started_at=row["captured_at"],
            finished_at=row["captured_at"],
            why=Why.MANUAL,
            outcome=Outcome.READ,
            detail=row["detail"],
            reason=row["reason"],
            status=row["status"],
        )
        seen = Snapshot(fetch, None, library.document(row["document_id"]))
        yield Fact(row["capture_id"], seen, row["document_id"], row["archive"])


# --------------------------------------------------------------------------
# Findings


def _summary(connection: duckdb.DuckDBPyConnection, article: int) -> dict[str, Any]:
    rows = select(
        connection,
        """SELECT a.article_id, s.* EXCLUDE (article_id), a.address FROM articles a
           LEFT JOIN article_states s USING (article_id) WHERE a.article_id = ?""",
        [article],
    )
    return rows[0]


def _blank(row: dict[str, Any]) -> dict[str, Any]:
    """The summary of an article of which nothing was seen yet; its first body stays the base."""
    counts = (
        "versions", "checks", "unchanged_streak", "failures_streak", "gone_streak", "confirms",
    )  # fmt: skip
    kept = {"article_id", "address", "first_body"}
    empty = {name: None for name in row if name not in kept}
    return empty | dict.fromkeys(counts, 0) | {"removed": False}


def _first_body(connection: duckdb.DuckDBPyConnection, article: int) -> str | None:
    """Return the captured page that the article's other ones were packed against."""
    row = connection.execute(
        """SELECT c.body_digest FROM captures c JOIN bodies b ON b.digest = c.body_digest
           WHERE c.article_id = ? AND b.base_digest IS NULL ORDER BY b.kept_at LIMIT 1""",
        [article],
    ).fetchone()
    return row[0] if row else None


def _write(connection: duckdb.DuckDBPyConnection, host: str, steps: Sequence[Step]) -> None:
    rows = Rows()
    texts = {step.version: step.fact.seen.document for step in steps if step.version}
    library = _Library(connection)

    def kept(article: int, number: int) -> Document:
        here = texts.get(number) if article == _article(steps) else None
        return here or library.document(_document_of(connection, article, number))

    repeats = Repeats(connection, rows, kept)
    for step in steps:
        _keep(rows, repeats, host, step)
    rows.write(connection)
    repeats.settle()


def _article(steps: Sequence[Step]) -> int:
    return steps[0].fact.seen.fetch.article_id


def _document_of(connection: duckdb.DuckDBPyConnection, article: int, number: int) -> int:
    row = connection.execute(
        "SELECT document_id FROM versions WHERE article_id = ? AND number = ?", [article, number]
    ).fetchone()
    assert row is not None
    return int(row[0])


def _keep(rows: Rows, repeats: Repeats, host: str, step: Step) -> None:
    seen, verdict = step.fact.seen, step.verdict
    if step.version is not None and seen.document is not None:
        keep_version(
            rows,
            seen,
            seen.document,
            repeats.judged(host, seen, verdict, step.version),
            number=step.version,
            fetch_id=step.fact.number,
            checked_before_at=step.checked_before_at,
            checked_before_by=step.checked_before_by,
            captured_by=step.fact.archive,
        )
    if verdict.event is not None and step.between is not None:
        keep_event(rows, seen.fetch, verdict.event, step.fact.number, step.between)


# --------------------------------------------------------------------------
# What points at versions


def _numbers(connection: duckdb.DuckDBPyConnection, article: int) -> dict[int, int]:
    """Return the version's number by the document print it shows."""
    found = connection.execute(
        "SELECT document_print, number FROM versions WHERE article_id = ?", [article]
    ).fetchall()
    return dict(found)


def _renumber_alerts(
    connection: duckdb.DuckDBPyConnection,
    article: int,
    before: dict[int, int],
    after: dict[int, int],
) -> None:
    """Let an alert's version and link point at what they pointed at; its words stay."""
    moved = {old: after[reading] for reading, old in before.items() if reading in after}
    if all(old == new for old, new in moved.items()):
        return
    rows = select(connection, "SELECT * FROM alerts WHERE article_id = ?", [article])
    fresh = [row | _pointing(row, moved) for row in rows]
    insert(connection, "alerts", [to_row(row.values()) for row in fresh], replace=True)


def _pointing(row: dict[str, Any], moved: dict[int, int]) -> dict[str, Any]:
    link = _VERSIONS.sub(
        lambda found: f"{found[1]}={moved.get(int(found[2]), int(found[2]))}", row["link"]
    )
    return {"version": moved.get(row["version"], row["version"]), "link": link}
