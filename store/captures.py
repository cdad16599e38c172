"""What archives saw, into tables: captures with their provenance, their pages and documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import duckdb

from store import bodies, documents
from store.address import host_of
from store.filing import Rows, keep_comments, kept_comments
from store.forgetting import forgotten, lift
from store.judge import document_print
from store.model import Capture, Captured, Fetch, Outcome, Snapshot, Why
from store.rows import insert, number_of, select, to_column


def capture_id(capture: Capture) -> int:
    """Return a capture's number: by its WARC record where it is named, else by where it stands."""
    if capture.record_id:
        return number_of("record", capture.record_id)
    return number_of(capture.archive, capture.address)


def new(
    connection: duckdb.DuckDBPyConnection, captured: Sequence[Captured], asked: AbstractSet[int]
) -> list[Captured]:
    """Return those that are not kept yet, each once.

    None of an article that was forgotten, unless it is one of those that were ``asked`` for.
    """
    by_number = {capture_id(one.capture): one for one in captured}
    found = connection.execute(
        "SELECT capture_id FROM captures WHERE capture_id IN (SELECT unnest(?::UBIGINT[]))",
        [list(by_number)],
    ).fetchall()
    known = {number for (number,) in found}
    gone = forgotten(connection, {one.capture.article_id for one in captured} - asked)
    return [
        one
        for number, one in by_number.items()
        if number not in known and one.capture.article_id not in gone
    ]


def with_digest(
    connection: duckdb.DuckDBPyConnection, article: int, digest: str
) -> Captured | None:
    """Return a kept capture of an article that was read and has this digest, without its page."""
    rows = select(
        connection,
        """SELECT c.*, a.address AS article_address
           FROM captures c JOIN articles a USING (article_id)
           WHERE c.article_id = ? AND c.digest = ? AND c.outcome = ? LIMIT 1""",
        [article, digest, Outcome.READ.value],
    )
    if not rows:
        return None
    row = rows[0]
    capture = Capture(
        article_id=article,
        article_address=row["article_address"],
        captured_at=row["captured_at"],
        read_at=row["read_at"],
        archive=row["archive"],
        address=row["address"],
        captured_address=row["captured_address"],
        outcome=Outcome.READ,
        detail=row["detail"],
        reason=row["reason"],
        record_id=row["record_id"],
        digest=digest,
        status=row["status"],
        body_digest=row["body_digest"],
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
    )
    return Captured(capture, None, documents.load(connection, row["document_id"]))


def keep(
    connection: duckdb.DuckDBPyConnection, captured: Sequence[Captured], now: datetime
) -> None:
    """Add captures with their articles, pages, documents and comments; facts only."""
    _keep_articles(connection, [one.capture for one in captured], now)
    rows = Rows()
    bases = _bases(connection, captured)
    comments = kept_comments(connection, [(o.capture.article_id, o.document) for o in captured])
    for one in captured:
        rows.add("captures", _row(one, rows.say(one.document) if one.document else None))
        if one.capture.outcome is Outcome.READ:
            _keep_body(connection, rows, one, bases)
            keep_comments(rows, _as_snapshot(one), comments)
    rows.write(connection)


def _row(one: Captured, number: int | None) -> tuple[Any, ...]:
    capture, document = one.capture, one.document
    return (
        capture_id(capture),
        capture.article_id,
        to_column(capture.captured_at),
        to_column(capture.read_at),
        capture.archive,
        capture.address,
        capture.captured_address,
        capture.record_id,
        capture.digest,
        capture.outcome.value,
        capture.detail,
        capture.reason,
        capture.status,
        capture.body_digest,
        number,
        document_print(document) if document else None,
        document.extractor if document else None,
        json.dumps(capture.headers, ensure_ascii=False),
    )


def _keep_articles(
    connection: duckdb.DuckDBPyConnection, seen: Iterable[Capture], now: datetime
) -> None:
    """Add articles that only an archive showed so far. They are not watched."""
    addresses = {one.article_id: one.article_address for one in seen}
    found = connection.execute(
        "SELECT article_id FROM articles WHERE article_id IN (SELECT unnest(?::UBIGINT[]))",
        [list(addresses)],
    ).fetchall()
    for (number,) in found:
        addresses.pop(number)
    stamp = to_column(now)
    rows = [
        (number, address, host_of(address), None, True, stamp)
        for number, address in addresses.items()
    ]
    insert(connection, "articles", rows)
    lift(connection, addresses)


Base = tuple[str, bytes]


def _bases(connection: duckdb.DuckDBPyConnection, captured: Sequence[Captured]) -> dict[int, Base]:
    """Return the body that each article's later ones are packed against, where it has one."""
    found = connection.execute(
        """SELECT article_id, first_body FROM article_states
           WHERE first_body IS NOT NULL AND article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [list({one.capture.article_id for one in captured})],
    ).fetchall()
    loaded = ((article, digest, bodies.load(connection, digest)) for article, digest in found)
    return {article: (digest, body) for article, digest, body in loaded if body is not None}


def _keep_body(
    connection: duckdb.DuckDBPyConnection, rows: Rows, one: Captured, bases: dict[int, Base]
) -> None:
    """Keep a page, packed against the article's first one; the first there is becomes that."""
    capture, digest = one.capture, one.capture.body_digest
    if one.body is None or digest is None:
        return
    kept = connection.execute("SELECT 1 FROM bodies WHERE digest = ?", [digest]).fetchone()
    if kept or any(row[0] == digest for row in rows.tables.get("bodies", ())):
        return
    against, base = bases.get(capture.article_id, (None, None))
    packed = bodies.pack(one.body, base)
    rows.add("bodies", (digest, against, len(one.body), packed, to_column(capture.read_at)))
    bases.setdefault(capture.article_id, (digest, one.body))


def _as_snapshot(one: Captured) -> Snapshot:
    """What ``keep_comments`` asks for: whose comments, and seen when."""
    capture = one.capture
    fetch = Fetch(
        article_id=capture.article_id,
        started_at=capture.captured_at,
        finished_at=capture.captured_at,
        why=Why.MANUAL,
        outcome=capture.outcome,
        detail=capture.detail,
        reason=capture.reason,
    )
    return Snapshot(fetch, None, one.document)
