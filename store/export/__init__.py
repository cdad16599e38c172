"""Change histories leaving the house: one table of formats, each a stream of bytes.

By default texts leave as short spans around the change, with the digest of the whole; full
text only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from store.archive import Archive
from store.export import jsonl, tabular
from store.selection import Selection

Write = Callable[[Archive, Selection], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Export:
    """A format. ``write(archive, selection)`` yields the file's bytes in pieces."""

    name: str
    suffix: str
    media_type: str
    meaning: str
    write: Write


EXPORTS: dict[str, Export] = {
    "csv": Export(
        "csv",
        ".csv",
        "text/csv; charset=utf-8",
        "A table for spreadsheets, safe against formulas; one row a change.",
        tabular.write,
    ),
    "jsonl": Export(
        "jsonl",
        ".jsonl",
        "application/x-ndjson",
        "JSON Lines for programs; one line a change, nothing altered.",
        jsonl.write,
    ),
}

__all__ = ["EXPORTS", "Export", "Selection", "Write"]
