"""Findings as rows: what a snapshot adds to each table, gathered and written in one go."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import duckdb

from store import documents
from store.judge import Event, Judgement, document_print
from store.model import (
    Alert,
    Change,
    ChangeKind,
    Comment,
    Document,
    Fetch,
    Note,
    NoteStatus,
    Outcome,
    Page,
    Snapshot,
)
from store.readers import dispute_in
from store.rows import FACTS, PARTS, SPANS, as_json, insert, number_of, to_column
from store.templates import without

# What the text kinds of a change are called in the queue when a fact changed and no note says so.
UNDECLARED = "changed_without_note"
_STATED = frozenset({ChangeKind.HEADLINE, ChangeKind.BYLINE, ChangeKind.STILL_WRONG})
_COMMENTS_KEPT = 500  # of one page; a thread grows without end


class Rows:
    """Rows gathered for each table."""

    def __init__(self) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {}
        self.documents: list[Document] = []

    def add(self, table: str, row: tuple[Any, ...]) -> None:
        """Gather one row, in the table's column order."""
        self.tables.setdefault(table, []).append(row)

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Append everything gathered, documents first."""
        documents.keep(connection, self.documents)
        for table, gathered in self.tables.items():
            insert(connection, table, gathered)


def keep_fetch(
    rows: Rows, fetch_id: int, seen: Snapshot, verdict: Judgement, shown: int | None
) -> None:
    """Add the check itself: every one is a row, also those that found nothing.

    ``shown`` is the kept document that says the same; a new version's, and an odd reading that
    waits for a second look, are kept with it.
    """
    fetch = seen.fetch
    if shown is None and seen.document and (verdict.new_version or verdict.outcome is Outcome.HELD):
        rows.documents.append(seen.document)
        shown = documents.document_id(seen.document)
    row = (
        fetch_id,
        fetch.article_id,
        to_column(fetch.started_at),
        to_column(fetch.finished_at),
        fetch.why.value,
        verdict.outcome.value,
        verdict.detail,
        verdict.reason,
        fetch.status,
        fetch.final_address,
        fetch.etag,
        fetch.last_modified,
        fetch.body_digest,
        document_print(seen.document) if seen.document else None,
        seen.document.extractor if seen.document else None,
        json.dumps(fetch.headers, ensure_ascii=False),
        shown,
        fetch.because,
        fetch.signal,
        fetch.moved_to,
        fetch.pages,
        seen.document.layout if seen.document else None,
    )
    rows.add("fetches", row)
    for page in seen.pages:
        _keep_page(rows, fetch_id, fetch.article_id, page)


def _keep_page(rows: Rows, fetch_id: int, article: int, page: Page) -> None:
    row = (
        fetch_id,
        article,
        page.number,
        page.address,
        to_column(page.started_at),
        to_column(page.finished_at),
        page.outcome.value,
        page.detail,
        page.reason,
        page.status,
        page.final_address,
        page.body_digest,
        json.dumps(page.headers, ensure_ascii=False),
    )
    rows.add("pages", row)


def keep_version(
    rows: Rows,
    seen: Snapshot,
    document: Document,
    verdict: Judgement,
    *,
    number: int,
    fetch_id: int,
    checked_before_at: datetime | None,
    checked_before_by: str | None = None,
    captured_by: str | None = None,
) -> None:
    """Add a version of a document that is kept, with what the comparison found in it.

    The names are those of archives whose captures, and no checks of ours, showed it.
    """
    article = seen.fetch.article_id
    row = (
        article,
        number,
        fetch_id,
        documents.document_id(document),
        document_print(document),
        to_column(seen.fetch.started_at),
        to_column(checked_before_at) if verdict.comparison is not None else None,
        checked_before_by if verdict.comparison is not None else None,
        captured_by,
    )
    rows.add("versions", row)
    if verdict.comparison is None:
        _keep_first_notes(rows, article, document)
    else:
        _keep_comparison(rows, article, number, verdict)


def _keep_first_notes(rows: Rows, article: int, document: Document) -> None:
    for ordinal, note in enumerate(document.notes):
        row = (article, 1, ordinal, note.kind.value, NoteStatus.KEPT.value, note.text, None)
        rows.add("notes", (*row, *_note_place(note)))


def _note_place(note: Note) -> tuple[Any, ...]:
    return (note.place.value, note.block, note.language, note.cue, note.stated_time, note.source)


def _keep_comparison(rows: Rows, article: int, number: int, verdict: Judgement) -> None:
    comparison = verdict.comparison
    assert comparison is not None
    told = without(comparison, verdict.noise)
    row = (
        article,
        verdict.old,
        number,
        comparison.verdict.value,
        lead_kind(told.changes, comparison.kinds),
        list(comparison.kinds),
        told.significance,
        told.reason,
        verdict.held_by.value if verdict.held_by else None,
        comparison.engine,
        len(told.changes),
        any(change.note is not None or change.declared_by is not None for change in told.changes),
    )
    rows.add("comparisons", row)
    for ordinal, change in enumerate(comparison.changes):
        rows.add(
            "changes",
            (
                article,
                number,
                ordinal,
                change.kind.value,
                change.sub_kind,
                change.family,
                change.old,
                change.new,
                as_json(SPANS, change.redline),
                as_json(FACTS, change.facts),
                change.note,
                change.declared_by,
                change.significance,
                change.reason,
                change.intention,
                as_json(PARTS, change.parts),
            ),
        )
    for ordinal, noted in enumerate(comparison.notes):
        note, old = noted.note, noted.old_note
        kept = (article, number, ordinal, note.kind.value, noted.status.value, note.text)
        rows.add("notes", (*kept, old.text if old else None, *_note_place(note)))


def lead_kind(changes: Sequence[Change], kinds: Collection[str]) -> str:
    """Name a comparison after the change that matters most; ``kinds`` are its labels."""
    lead = max(changes, key=lambda change: change.significance)
    stated = lead.note is not None or lead.kind in _STATED
    if UNDECLARED in kinds and not stated:
        return UNDECLARED
    return lead.kind.value


def keep_event(
    rows: Rows,
    fetch: Fetch,
    event: Event,
    fetch_id: int,
    interval: tuple[datetime | None, datetime],
) -> None:
    """Add what happened to the article as a whole, within the ``interval`` of two checks."""
    checked_before_at, seen_first_at = interval
    row = (
        fetch.article_id,
        event.kind.value,
        fetch_id,
        event.version,
        to_column(seen_first_at),
        to_column(checked_before_at),
        event.significance,
        event.reason,
        event.held_by.value if event.held_by else None,
    )
    rows.add("events", row)


def keep_comments(connection: duckdb.DuckDBPyConnection, rows: Rows, seen: Snapshot) -> None:
    """Add the comments not seen before."""
    comments = seen.document.comments[:_COMMENTS_KEPT] if seen.document else ()
    if not comments:
        return
    article = seen.fetch.article_id
    present = connection.execute(
        "SELECT comment_id FROM comments WHERE article_id = ?", [article]
    ).fetchall()
    kept = {row[0] for row in present} | {row[0] for row in rows.tables.get("comments", ())}
    for ordinal, comment in enumerate(comments):
        row = _comment_row(article, ordinal, comment, seen.fetch.started_at)
        if row[0] not in kept:
            kept.add(row[0])
            rows.add("comments", row)


def _comment_row(article: int, ordinal: int, comment: Comment, now: datetime) -> tuple[Any, ...]:
    return (
        number_of(article, comment.author, comment.text),
        article,
        to_column(now),
        ordinal,
        comment.depth,
        comment.author,
        comment.text,
        dispute_in(comment),
    )


def keep_alert(rows: Rows, alert: Alert, version: int | None, channels: tuple[str, ...]) -> None:
    """Add an alert, in the transaction of what it tells."""
    row = (
        alert.alert_id,
        alert.rule,
        alert.article_id,
        version,
        alert.kind,
        alert.title,
        alert.reason,
        alert.body,
        alert.link,
        list(channels),
        to_column(alert.raised_at),
    )
    rows.add("alerts", row)
