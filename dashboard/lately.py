"""The newest rows of a question, without reading all of history: a bound on time, moved back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from store.archive import Archive

Row = dict[str, Any]

_NEAR = 500  # transitions: some ten for each entry of a feed
_FURTHER = (timedelta(0), timedelta(days=14))
EVER = datetime(1970, 1, 1, tzinfo=UTC)
_LATELY = """SELECT seen_first_at FROM ranking WHERE held_by IS NULL
             ORDER BY seen_first_at DESC LIMIT 1 OFFSET ?"""


def newest(archive: Archive, asked: Callable[[datetime], list[Row]], many: int) -> list[Row]:
    """Return the ``many`` newest rows, or all where there are fewer.

    ``asked`` returns so many of those since a moment, newest first. Views whose times are bounded
    read the ends of their tables alone: of a million versions 0.1 s of CPU instead of 4.
    """
    rows: list[Row] = []
    for bound in _bounds(archive):
        rows = asked(bound)
        if len(rows) >= many:
            break
    return rows


def _bounds(archive: Archive) -> Iterator[datetime]:
    for row in archive.query(_LATELY, [_NEAR]):
        yield from (row["seen_first_at"] - further for further in _FURTHER)
    yield EVER
