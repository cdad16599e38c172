"""Which changes somebody asks for, and the condition that says so in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.rows import to_column

HAPPENED = """(
    SELECT c.*, list_value(c.kind) || coalesce(c.labels, []) AS kinds FROM change_list c
    UNION ALL BY NAME
    SELECT article, article_id, address, outlet, headline, coalesce(version, 0) AS old_version,
           coalesce(version, 0) AS new_version, -1 AS ordinal, checked_before_at,
           NULL AS checked_before_by, seen_first_at, NULL AS captured_by,
           kind, '[]' AS facts, '[]' AS redline, '[]' AS parts, []::VARCHAR[] AS labels,
           significance, reason, held_by, list_value(kind) AS kinds
    FROM event_list
)"""
"""Every change, and what happened to an article as a whole (ordinal -1), as a table for SQL.

``kinds`` are what ``condition`` asks for: the kind, and the labels of the comparison."""

# What waits for a second look is listed, marked by ``held_by``; noise is not, nor a return to an
# earlier state, which is no news before it has held.
_NOT_NOISE = "(held_by IS NULL OR (held_by = ? AND kind <> 'returned'))"

_OF_OUTLETS = "SELECT article_id FROM article_list WHERE list_contains(?::VARCHAR[], outlet)"

Condition = tuple[str, list[Any]]
"""A condition in SQL and its parameters."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which changes; empty tuples and None mean "any".

    ``articles`` are ids, ``outlets`` names as shown, ``kinds`` kinds of changes, of events or
    labels of a comparison. ``since`` counts and ``until`` does not, both by the check that first
    showed the change. ``held`` adds what is held back as noise. ``full_text`` lets whole
    texts leave in exports, not short spans only.
    """

    articles: tuple[int, ...] = ()
    outlets: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    held: bool = False
    full_text: bool = False


def condition(selection: Selection, kinds: str = "kinds") -> Condition:
    """Return a condition and its parameters, for a question on HAPPENED or on a view.

    ``kinds`` is the SQL expression of the list of kinds a row answers to, one of ours.
    """
    asked: list[tuple[str, Any]] = [
        ("list_contains(?::UBIGINT[], article_id)", list(selection.articles)),
        ("list_contains(?::VARCHAR[], outlet)", list(selection.outlets)),
        (f"list_has_any(?::VARCHAR[], {kinds})", list(selection.kinds)),
        *_period(selection, "seen_first_at"),
    ]
    if not selection.held:
        asked.append((_NOT_NOISE, "unconfirmed"))
    return _all_of(asked)


def belonging(selection: Selection, moment: str | None) -> Condition:
    """Return the condition on rows that belong to a selection, but are no changes.

    They are the rows of its articles, within its period by the column ``moment`` where there is
    one. Where kinds are asked for, its articles are those that have such a change.
    """
    asked: list[tuple[str, Any]] = [
        ("list_contains(?::UBIGINT[], article_id)", list(selection.articles)),
        (f"article_id IN ({_OF_OUTLETS})", list(selection.outlets)),
        *(_period(selection, moment) if moment else ()),
    ]
    sql, values = _all_of(asked)
    if not selection.kinds:
        return sql, values
    chosen, more = condition(selection)
    return f"{sql} AND article_id IN (SELECT article_id FROM {HAPPENED} WHERE {chosen})", [  # noqa: S608  (ours)
        *values,
        *more,
    ]


def _period(selection: Selection, moment: str) -> list[tuple[str, Any]]:
    return [
        (f"{moment} >= ?", to_column(selection.since)),
        (f"{moment} < ?", to_column(selection.until)),
    ]


def _all_of(asked: list[tuple[str, Any]]) -> Condition:
    given = [(sql, value) for sql, value in asked if value]
    return " AND ".join(["true", *(sql for sql, _ in given)]), [value for _, value in given]
