"""What became of an article's findings when they were made again. Pure.

A finding is the same one before and after when the same look brought it and it says the same of
the same words; versions may have got other numbers meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Key = tuple[Any, ...]

TOLD_OF = ("versions", "comparisons", "changes", "events", "passages")
"""The tables that are compared."""


@dataclass(slots=True)
class Count:
    """Findings of one kind: ``same`` are untouched, ``reworded`` say it otherwise now."""

    before: int = 0
    after: int = 0
    same: int = 0
    reworded: int = 0
    gone: int = 0
    new: int = 0

    def add(self, other: Count) -> None:
        """Add the figures of ``other``."""
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def moved(self) -> bool:
        """Whether anything is otherwise than before."""
        return bool(self.reworded or self.gone or self.new)


FIGURES = ("before", "after", "same", "reworded", "gone", "new")


@dataclass(slots=True)
class Moved:
    """What moved in one article, or in many: versions, and findings by their kind.

    ``unlike`` are versions that no common reading joins to the one before; ``readers`` counts the
    versions now by the revision that reads them.
    """

    versions: Count = field(default_factory=Count)
    findings: dict[str, Count] = field(default_factory=dict)
    unlike: int = 0
    readers: Counter[str] = field(default_factory=Counter)

    def add(self, other: Moved) -> None:
        """Add the figures of ``other``."""
        self.versions.add(other.versions)
        for kind, count in other.findings.items():
            self.findings.setdefault(kind, Count()).add(count)
        self.unlike += other.unlike
        self.readers += other.readers

    @property
    def anything(self) -> bool:
        """Whether anything is otherwise than before."""
        return self.versions.moved or any(count.moved for count in self.findings.values())


def moved(before: Rows, after: Rows, readers: Iterable[str]) -> Moved:
    """Compare the rows of an article's findings, by table, before and after.

    ``readers`` names the revision that reads each version after.
    """
    versions = _counted(_versions(before), _versions(after))
    old, new = dict(_findings(before)), dict(_findings(after))
    kinds = {kind for kind, *_ in (*old, *new)}
    findings = {kind: _counted(_of(kind, old), _of(kind, new)) for kind in sorted(kinds)}
    unlike = sum(row["held_by"] == "reader" for row in after["comparisons"])
    return Moved(versions, findings, unlike, Counter(readers))


def _of(kind: str, found: Mapping[Key, Any]) -> dict[Key, Any]:
    return {key: said for key, said in found.items() if key[0] == kind}


def _counted(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> Count:
    common = before.keys() & after.keys()
    same = sum(before[key] == after[key] for key in common)
    return Count(
        before=len(before),
        after=len(after),
        same=same,
        reworded=len(common) - same,
        gone=len(before) - len(common),
        new=len(after) - len(common),
    )


def _versions(rows: Rows) -> dict[Key, Any]:
    """Versions by the look that brought them, with what each says."""
    return {(row["fetch_id"],): row["document_print"] for row in rows["versions"]}


def _findings(rows: Rows) -> Iterator[tuple[Key, Any]]:
    """Changes and events: kind, look and words, with all else that is said of them."""
    look = {row["number"]: row["fetch_id"] for row in rows["versions"]}
    held = {row["new_number"]: row["held_by"] for row in rows["comparisons"]}
    noise = {(row["new_number"], row["ordinal"]) for row in rows["passages"] if row["held"]}
    seen: Counter[Key] = Counter()
    for row in rows["changes"]:
        number = row["new_number"]
        key = (row["kind"], look[number], row["old"], row["new"])
        seen[key] += 1
        held_by = "template" if (number, row["ordinal"]) in noise else held[number]
        yield (*key, seen[key]), (held_by, *_picked(row, _OF_A_CHANGE))
    for row in rows["events"]:
        yield (row["kind"], row["fetch_id"]), _picked(row, _OF_AN_EVENT)


_OF_A_CHANGE = "sub_kind family redline facts declared_by significance reason"
_OF_AN_EVENT = "significance reason held_by"


def _picked(row: Mapping[str, Any], names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names.split())


def total(all_of_them: Iterable[Moved]) -> Moved:
    """Return the sum of what moved."""
    added = Moved()
    for one in all_of_them:
        added.add(one)
    return added
