"""Rules tried on history: what they would have told. Rows of the views in, matches out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.alerts import Found, matches, why
from store.model import (
    Change,
    ChangeKind,
    EventKind,
    Note,
    NoteChange,
    NoteKind,
    NoteStatus,
    Place,
    Rule,
)
from store.rows import FACTS, SPANS, to_column
from store.stories import StoriesOf

Row = Mapping[str, Any]

MOST_TRANSITIONS = 5000
"""The newest so many are tried: a week of a large archive, in about a second."""

_TRANSITIONS = """
    SELECT q.article, q.article_id, q.address, q.outlet, q.headline, q.kind, q.kinds,
           q.old_version, q.new_version, q.checked_before_at, q.seen_first_at, q.reason,
           q.significance, q.old_version IS NOT DISTINCT FROM q.new_version AS event,
           s.address AS source
    FROM queue q JOIN articles a USING (article_id) LEFT JOIN sources s USING (source_id)
    WHERE q.held_by IS NULL AND NOT q.from_archives AND q.seen_first_at >= ?
    ORDER BY q.seen_first_at DESC, q.article, q.new_version DESC LIMIT ?
"""
_CHANGES = """
    SELECT * FROM change_list WHERE held_by IS NULL AND seen_first_at >= ? ORDER BY ordinal
"""
_NOTES = """
    SELECT * FROM note_list WHERE list_contains(?::UBIGINT[], article_id) ORDER BY ordinal
"""


@dataclass(frozen=True, slots=True)
class History:
    """What was told of a time: rows of ``queue``, ``change_list`` and ``note_list``."""

    transitions: Sequence[Row]
    changes: Sequence[Row]
    notes: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Caught:
    """One alert that a rule would have raised: the row it is of, the rule's name, and why."""

    row: Row
    rule: str
    kind: str
    reason: str


def history(ask: Callable[..., Sequence[Row]], moment: datetime) -> History:
    """Return everything that was news since a moment, newest first.

    ``ask`` puts a question with its parameters to the archive. What came in from archives is in
    it no more than in alerts.
    """
    transitions = ask(_TRANSITIONS, to_column(moment), MOST_TRANSITIONS)
    if not transitions:
        return History((), (), ())
    articles = sorted({row["article_id"] for row in transitions})
    oldest = to_column(transitions[-1]["seen_first_at"])  # later than asked for, of very many
    return History(transitions, ask(_CHANGES, oldest), ask(_NOTES, articles))


def rehearse(rules: Sequence[Rule], seen: History, stories: StoriesOf) -> Iterator[Caught]:
    """Yield what the rules would have told of a history, in its order. Pure."""
    changes_of = _by_version(seen.changes, "new_version")
    notes_of = _by_version(seen.notes, "version")
    for row in seen.transitions:
        key = (row["article_id"], row["new_version"])
        found = _found(row, changes_of[key], notes_of[key], stories)
        for rule in rules:
            match = matches(rule, found)
            if match is not None:
                yield Caught(row, rule.name, match.kind, why(rule, match))


def _by_version(rows: Iterable[Row], version: str) -> dict[tuple[int, int], list[Row]]:
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["article_id"], row[version]].append(row)
    return found


def _found(row: Row, changes: Sequence[Row], notes: Sequence[Row], stories: StoriesOf) -> Found:
    event = EventKind(row["kind"]) if row["event"] else None
    return Found(
        article_id=row["article_id"],
        address=row["address"],
        outlet=row["outlet"],
        headline=row["headline"],
        old_version=row["old_version"],
        new_version=row["new_version"],
        checked_before_at=row["checked_before_at"],
        seen_first_at=row["seen_first_at"],
        changes=() if event else tuple(map(_change, changes)),
        notes=() if event else tuple(map(_note, notes)),
        labels=tuple(row["kinds"] or ()),
        event=event,
        reason=row["reason"],
        significance=row["significance"],
        source=row["source"],
        stories=stories.get(row["article_id"], ()),
    )


def _change(row: Row) -> Change:
    return Change(
        kind=ChangeKind(row["kind"]),
        old=row["old"],
        new=row["new"],
        significance=row["significance"],
        reason=row["reason"],
        redline=SPANS.validate_json(row["redline"] or "[]"),
        facts=FACTS.validate_json(row["facts"] or "[]"),
        note=row["note"],
        declared_by=row["declared_by"],
        sub_kind=row["sub_kind"],
        family=row["family"],
    )


def _note(row: Row) -> NoteChange:
    note = Note(
        NoteKind(row["kind"]), row["text"], Place(row["place"]), row["language"], row["cue"]
    )
    return NoteChange(note, NoteStatus(row["status"]))
