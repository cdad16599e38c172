"""The first screen's filters on a feed: ``/feeds/all.atom?kind=corrections&outlet=NAME``. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.ranked import GROUPS, UNMARKED, Filters
from store.reviews import MARKS
from store.selection import Condition

_PLACE = "(article_id, seen_first_at, kind)"
_LONGEST = 100  # letters of what is asked for, as in the field of the first screen


def asked(parameters: Mapping[str, str]) -> Filters:
    """The filters that an address names; what is none of them is left alone."""
    given = {name: parameters.get(name, "")[:_LONGEST] for name in ("kind", "outlet", "words")}
    mark = parameters.get("mark")
    return Filters(
        group=given["kind"] if given["kind"] in GROUPS else None,
        outlet=given["outlet"] or None,
        words=given["words"] or None,
        mark=mark if mark in {*MARKS, UNMARKED} else None,
    )


def named(filters: Filters) -> dict[str, str]:
    """The same filters as parameters of an address. A feed has its own end, so no period."""
    given = {
        "kind": filters.group,
        "outlet": filters.outlet,
        "words": filters.words,
        "mark": filters.mark,
    }
    return {name: value for name, value in given.items() if value}


def condition(filters: Filters) -> Condition:
    """The condition on rows of the view ``queue`` that the filters come to."""
    if not named(filters):
        return "true", []
    meets, values = filters.condition()
    return f"{_PLACE} IN (SELECT {_PLACE} FROM ranking WHERE {meets})", values  # noqa: S608 (ours)


def in_words(filters: Filters) -> str:
    """What a feed with these filters is called after."""
    return ", ".join(named(filters).values())
