"""One record for each change and each event of a selection: what every format writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from store.archive import Archive
from store.history import rfc3339
from store.message import CONTEXT, redline
from store.rows import SPANS
from store.selection import HAPPENED, Selection, condition

STRETCH = 10_000
"""Versions whose changes are read in one session, so that a long export holds up nobody."""
SPAN = 280
"""Characters of old or new text that leave without being asked for: the length of a short
quotation, as the message formats of news alerts have it."""

COLUMNS: dict[str, str] = {
    # Name and meaning of every column, in their order: the data dictionary (docs/exports.md).
    "scope": "'text' for a change between two versions, 'article' for what happened to the "
    "article as a whole (removed, restored, returned, moved).",
    "outlet": "The publisher, as its pages name it, else the host.",
    "article": "Identifier of the article, hex.",
    "address": "The article's canonical address.",
    "headline": "The headline of the new version.",
    "old_version": "Number of the version before; equal to new_version for scope 'article'.",
    "new_version": "Number of the version that the change led to.",
    "ordinal": "Place of the change among those of its version, from 0; empty for 'article'.",
    "checked_before_at": "The last check that still showed the state before; the change happened "
    "after it.",
    "checked_before_by": "The web archive whose capture that was; empty for a check of ours.",
    "seen_first_at": "The first check that showed the state after; the change happened before it.",
    "captured_by": "The web archive, or file, whose capture that was; empty for a check of ours.",
    "kind": "What the change is (correction, headline, edited, removed …).",
    "sub_kind": "A narrower kind: of the frame, of a move, or the type of the fact still wrong.",
    "family": "NewsEdits 2.0 family: factual, stylistic or narrative.",
    "significance": "From 0 to 1: how much it matters.",
    "reason": "The same in one sentence of Storylapse, never a statement of the outlet.",
    "old": "The text before: a short span of it, or all with full text.",
    "new": "The text after: a short span of it, or all with full text.",
    "redline": "Both in one: [-removed-] and {+added+}.",
    "old_sha256": "SHA-256 (hex) of the whole text before, in UTF-8.",
    "new_sha256": "SHA-256 (hex) of the whole text after, in UTF-8.",
    "facts": "Facts that differ: a JSON list of objects with type, old and new.",
    "note_kind": "Kind of the outlet's note, where the change is a note.",
    "note_status": "What became of that note: added, removed, edited, moved or kept.",
    "note_text": "The note's exact text: the outlet's own statement.",
    "note_place": "Where it stands: top, inline, end or metadata.",
    "note_language": "Its language (ISO 639-1).",
    "note_cue": "The cue by which it was recognised.",
    "note_stated_time": "The time it states, as worded.",
    "note_source": "The source it cites, as worded.",
    "declared_by": "Text of the outlet's note that admits this change, if one does.",
    "held_by": "The rule that holds the change back from being told (unconfirmed, flap, "
    "other_story, template); empty once told.",
    "engine": "The revision that found it; empty for 'article'.",
}

_RECORDS = """
    SELECT h.*, n.kind AS note_kind, n.status AS note_status, n.text AS note_text,
           n.place AS note_place, n.language AS note_language, n.cue AS note_cue,
           n.stated_time AS note_stated_time, n.source AS note_source, d.text AS declaring
    FROM (SELECT * FROM {happened} WHERE {condition}) h
    LEFT JOIN note_list n ON n.article_id = h.article_id AND n.version = h.new_version
        AND n.ordinal = h.note
    LEFT JOIN note_list d ON d.article_id = h.article_id AND d.version = h.new_version
        AND d.ordinal = h.declared_by
    ORDER BY h.seen_first_at, h.article_id, h.new_version, h.ordinal, h.kind"""
_EDGES = """
    SELECT seen_first_at FROM (
        SELECT seen_first_at, row_number() OVER (ORDER BY seen_first_at) AS place FROM version_list
    ) WHERE place % ? = 0 ORDER BY seen_first_at"""


def records(archive: Archive, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield the selection's records, oldest first, as plain values in the order of COLUMNS."""
    for row in _rows(archive, selection):
        yield _record(row, full_text=selection.full_text)


def _rows(archive: Archive, selection: Selection) -> Iterator[dict[str, Any]]:
    """Read one stretch of time after the other, each in a short session of its own."""
    edges = [row["seen_first_at"] for row in archive.query(_EDGES, [STRETCH])]
    for start, end in pairwise([None, *dict.fromkeys(edges), None]):
        stretch = replace(
            selection, since=_later(start, selection.since), until=_earlier(end, selection.until)
        )
        where, parameters = condition(stretch)
        yield from archive.query(_RECORDS.format(happened=HAPPENED, condition=where), parameters)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _record(row: Mapping[str, Any], *, full_text: bool) -> dict[str, Any]:
    old, new = row["old"], row["new"]
    spans = SPANS.validate_json(row["redline"] or "[]")
    whole = row["ordinal"] < 0
    made = {
        "scope": "article" if whole else "text",
        "ordinal": None if whole else row["ordinal"],
        "checked_before_at": _time(row["checked_before_at"]),
        "seen_first_at": _time(row["seen_first_at"]),
        "old": old if full_text else _short(old),
        "new": new if full_text else _short(new),
        "redline": redline(spans, None if full_text else CONTEXT) or None,
        "old_sha256": _digest(old),
        "new_sha256": _digest(new),
        "facts": json.loads(row["facts"]),
        "declared_by": row["declaring"],
    }
    return {name: made[name] if name in made else row[name] for name in COLUMNS}


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= SPAN else text[: SPAN - 1] + "…"


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
