"""A rule tried on history: what it would have told. Pure; rows of the views in, matches out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from store.rows import FACTS, SPANS

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Caught:
    """One alert that the rule would have raised: the row it is of, and why."""

    row: Row
    kind: str
    reason: str


def rehearse(
    rule: Rule, transitions: Sequence[Row], changes: Sequence[Row], notes: Sequence[Row]
) -> Iterator[Caught]:
    """Yield what the rule would have told, of rows of ``queue``, ``change_list``, ``note_list``."""
    changes_of = _by_version(changes, "new_version")
    notes_of = _by_version(notes, "version")
    for row in transitions:
        key = (row["article_id"], row["new_version"])
        found = _found(row, changes_of[key], notes_of[key])
        match = matches(rule, found)
        if match is not None:
            yield Caught(row, match.kind, why(rule, match))


def _by_version(rows: Sequence[Row], version: str) -> dict[tuple[int, int], list[Row]]:
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["article_id"], row[version]].append(row)
    return found


def _found(row: Row, changes: Sequence[Row], notes: Sequence[Row]) -> Found:
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
