"""Findings as rows: what a snapshot adds to each table, gathered and written in one go."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import duckdb

from store import documents
from store.documents import Numbers
from store.judge import Event, Judgement
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
        self.documents: dict[int, Document] = {}

    def add(self, table: str, row: tuple[Any, ...]) -> None:
        """Gather one row, in the table's column order."""
        self.tables.setdefault(table, []).append(row)

    def say(self, document: Document) -> int:
        """Gather a document, and return its number."""
        number = documents.document_id(document)
        self.documents[number] = document
        return number

    def write(
        self, connection: duckdb.DuckDBPyConnection, known: Numbers = documents.NOTHING
    ) -> None:
        """Append everything gathered, documents first; ``known`` of their texts are kept."""
        documents.keep_numbered(connection, self.documents, known)
        for table, gathered in self.tables.items():
            insert(connection, table, gathered)


def keep_fetch(
    rows: Rows,
    fetch_id: int,
    seen: Snapshot,
    verdict: Judgement,
    *,
    shown: int | None,
    reading: int | None,
) -> int | None:
    """Add the check itself: every one is a row, also those that found nothing.

    ``shown`` is the kept document that says the same; a new version's, and an odd reading that
    waits for a second look, are kept with it. ``reading`` is the print of what was read. Returns
    the number of the document that says it, where one is kept.
    """
    fetch = seen.fetch
    if shown is None and seen.document and (verdict.new_version or verdict.outcome is Outcome.HELD):
        shown = rows.say(seen.document)
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
        reading,
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
    return shown


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
    document_id: int,
    reading: int,
    fetch_id: int,
    checked_before_at: datetime | None,
    checked_before_by: str | None = None,
    captured_by: str | None = None,
) -> None:
    """Add a version of a document that is kept, with what the comparison found in it.

    ``document_id`` and ``reading`` are the document's number and print. The names are those of
    archives whose captures, and no checks of ours, showed it.
    """
    article = seen.fetch.article_id
    row = (
        article,
        number,
        fetch_id,
        document_id,
        reading,
        to_column(seen.fetch.started_at),
        to_column(checked_before_at) if verdict.comparison is not None else None,
        checked_before_by if verdict.comparison is not None else None,
        captured_by,
    )
    rows.add("versions", row)
    if verdict.comparison is None:
        _keep_first_notes(rows, article, document)
    else:
        _keep_comparison(rows, article, number, verdict, seen.fetch.started_at)


def _keep_first_notes(rows: Rows, article: int, document: Document) -> None:
    for ordinal, note in enumerate(document.notes):
        row = (article, 1, ordinal, note.kind.value, NoteStatus.KEPT.value, note.text, None)
        rows.add("notes", (*row, *_note_place(note)))


def _note_place(note: Note) -> tuple[Any, ...]:
    return (note.place.value, note.block, note.language, note.cue, note.stated_time, note.source)


def _keep_comparison(
    rows: Rows, article: int, number: int, verdict: Judgement, seen_first_at: datetime
) -> None:
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
        to_column(seen_first_at),
        spoken(comparison.changes),
        *factual_edits(
            change for place, change in enumerate(comparison.changes) if place not in verdict.noise
        ),
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
                to_column(seen_first_at),
            ),
        )
    for ordinal, noted in enumerate(comparison.notes):
        note, old = noted.note, noted.old_note
        kept = (article, number, ordinal, note.kind.value, noted.status.value, note.text)
        rows.add("notes", (*kept, old.text if old else None, *_note_place(note)))


def spoken(changes: Sequence[Change]) -> str:
    """Return the words that went or came, in small letters, a line each run: what queues search.

    Where none did, as when a sentence moved, they are the passage's.
    """
    said = (text for change in changes for text in _runs(change))
    return "\n".join(said).lower()


def _runs(change: Change) -> list[str]:
    runs = [span.text for span in change.redline if span.op != "same"]
    return runs or [text for text in (change.old, change.new) if text is not None]


def factual_edits(changes: Iterable[Change]) -> tuple[int, int]:
    """Count factual edits of the text, and those of them that a note admits."""
    edits = [change for change in changes if change.family == "factual" and change.note is None]
    return len(edits), sum(change.declared_by is not None for change in edits)


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


def kept_comments(
    connection: duckdb.DuckDBPyConnection, batch: Iterable[tuple[int, Document | None]]
) -> set[int]:
    """Return the numbers of the comments kept of those articles whose document has any."""
    articles = [article for article, document in batch if document and document.comments]
    if not articles:
        return set()
    found = connection.execute(
        "SELECT comment_id FROM comments WHERE article_id IN (SELECT unnest(?::UBIGINT[]))",
        [articles],
    ).fetchall()
    return {number for (number,) in found}


def keep_comments(rows: Rows, seen: Snapshot, kept: set[int]) -> None:
    """Add the comments that are not ``kept``, and are then."""
    comments = seen.document.comments[:_COMMENTS_KEPT] if seen.document else ()
    article = seen.fetch.article_id
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
