"""What a table that leaves the house is, and how its rows are asked for, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from store.archive import Archive
from store.message import rfc3339
from store.selection import Condition, Selection, belonging, condition

STRETCH = 10_000
"""Rows, or versions whose changes, that are read in one session: a long export holds up nobody."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: name, type (in the words of Frictionless Table Schema) and meaning.

    ``sql`` makes it, else it is the column of that name; ``whole`` makes it where full text is
    asked for. ``values`` are the words it holds, where they are few.
    """

    name: str
    type: str
    meaning: str
    sql: str = ""
    whole: str = ""
    values: tuple[str, ...] = ()

    def made(self, *, full_text: bool) -> str:
        """Return the SQL of this column."""
        return f'{(self.whole if full_text else "") or self.sql or self.name} AS "{self.name}"'


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``rows`` is its FROM clause, ``whole_rows`` the same for full text.

    In both {condition} stands where the selection comes in: of changes where ``happened``, else of
    what belongs to its articles. ``moment`` is the column that the period goes by, None where rows
    have no time, and ``clock`` a view that has the same times. ``key`` tells rows apart.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: str
    order: str
    key: tuple[str, ...]
    whole_rows: str = ""
    moment: str | None = None
    clock: str = ""
    happened: bool = False

    def select(self, selection: Selection) -> Condition:
        """Return the SQL of the selected rows, in their order, and its parameters."""
        asked = condition(selection) if self.happened else belonging(selection, self.moment)
        named = ", ".join(one.made(full_text=selection.full_text) for one in self.columns)
        rows = (self.whole_rows if selection.full_text else "") or self.rows
        places = rows.count("{condition}")
        sql = f"SELECT {named} FROM {rows.format(condition=asked[0])} ORDER BY {self.order}"  # noqa: S608  (ours)
        return sql, asked[1] * places


def stretches(archive: Archive, table: Table, selection: Selection) -> list[Selection]:
    """Cut a selection into periods of about STRETCH rows of the table's clock, without a gap."""
    if table.moment is None:
        return [selection]
    rows = archive.query(
        f"SELECT moment FROM (SELECT {table.moment} AS moment, row_number() OVER "  # noqa: S608
        f"(ORDER BY {table.moment}) AS place FROM {table.clock}) "
        "WHERE place % ? = 0 ORDER BY moment",
        [STRETCH],
    )
    edges = dict.fromkeys(row["moment"] for row in rows)
    cut = [
        replace(
            selection, since=_later(start, selection.since), until=_earlier(end, selection.until)
        )
        for start, end in pairwise([None, *edges, None])
    ]
    return [one for one in cut if one.since is None or one.until is None or one.since < one.until]


def records(archive: Archive, table: Table, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield the selected rows as plain values, times in RFC 3339, in the order of the columns."""
    for stretch in stretches(archive, table, selection):
        for row in archive.query(*table.select(stretch)):
            yield {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    return rfc3339(value) if isinstance(value, datetime) else value


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
