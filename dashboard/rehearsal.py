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
    WITH of_events AS (
        SELECT article_id, seen_first_at, headline FROM version_list
        WHERE article_id IN (SELECT article_id FROM events WHERE seen_first_at >= ?)
    )
    SELECT q.old_version IS NOT DISTINCT FROM q.new_version AS event,
           q.article, q.article_id, q.address, q.outlet, q.kind, q.kinds,
           CASE WHEN event THEN coalesce(v.headline, q.headline) ELSE q.headline END AS headline,
           q.old_version, q.new_version, q.checked_before_at, q.seen_first_at, q.reason,
           q.significance, s.address AS source
    FROM queue q JOIN articles a USING (article_id) LEFT JOIN sources s USING (source_id)
    ASOF LEFT JOIN of_events v  -- an event tells the headline as it was then
        ON v.article_id = q.article_id AND v.seen_first_at <= q.seen_first_at
    WHERE q.held_by IS NULL AND NOT q.from_archives AND q.seen_first_at >= ?
    ORDER BY q.seen_first_at DESC, q.article, q.new_version DESC LIMIT ?
"""
_CHANGES = """
    SELECT article_id, new_number AS new_version, kind, sub_kind, family, old, new, redline, facts,
           note, declared_by, significance, reason
    FROM changes
    JOIN (SELECT article_id, new_version AS new_number, seen_first_at FROM ranking
          WHERE held_by IS NULL AND old_version <> new_version) told
      USING (article_id, new_number, seen_first_at)
    ANTI JOIN (SELECT article_id, new_number, ordinal FROM passages WHERE held) held
      USING (article_id, new_number, ordinal)
    WHERE seen_first_at >= ? ORDER BY ordinal
"""
_NOTES = """
    SELECT * FROM note_list WHERE list_contains(?::UBIGINT[], article_id) ORDER BY ordinal
"""


@dataclass(frozen=True, slots=True)
class History:
    """What was told of a time: rows of ``queue``, of changes and of ``note_list``."""

    transitions: Sequence[Row]
    changes: Sequence[Row]
    notes: Sequence[Row]

    @property
    def cut_at(self) -> datetime | None:
        """The moment before which there was more than is tried; None where this is all."""
        if len(self.transitions) < MOST_TRANSITIONS:
            return None
        oldest: datetime = self.transitions[-1]["seen_first_at"]
        return oldest


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
    transitions = ask(_TRANSITIONS, *[to_column(moment)] * 2, MOST_TRANSITIONS)
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
        before = notes_of[row["article_id"], row["old_version"]]
        found = _found(row, changes_of[key], _notes(notes_of[key], before), stories)
        for rule in rules:
            match = matches(rule, found)
            if match is not None:
                yield Caught(row, rule.name, match.kind, why(rule, match))


def _by_version(rows: Iterable[Row], version: str) -> dict[tuple[int, int], list[Row]]:
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["article_id"], row[version]].append(row)
    return found


def _found(
    row: Row, changes: Sequence[Row], notes: Sequence[NoteChange], stories: StoriesOf
) -> Found:
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
        notes=() if event else tuple(notes),
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


def _notes(rows: Sequence[Row], before: Sequence[Row]) -> list[NoteChange]:
    """Read a version's notes; ``before`` are those of the version that it was compared with."""
    there = {row["text"]: _note(row) for row in before if row["status"] != NoteStatus.REMOVED}
    return [
        NoteChange(_note(row), NoteStatus(row["status"]), there.get(row["old_text"]))
        for row in rows
    ]


def _note(row: Row) -> Note:
    return Note(
        NoteKind(row["kind"]), row["text"], Place(row["place"]), row["language"], row["cue"]
    )
