"""Pure: the addresses of articles as two archives know them, made into one table of aliases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that belongs to an article: a row of ``aliases``."""

    alias_id: int
    article_id: int
    address: str
    seen_first_at: datetime


def united(aliases: Iterable[Alias]) -> list[Alias]:
    """Return one alias for each address, each leading straight to the article that goes on.

    Where archives disagree on an address, or each takes the other's article for an alias of its
    own, what was seen first holds; the order in which aliases are given does not matter.
    """
    ordered = sorted(
        set(aliases), key=lambda one: (one.seen_first_at, one.alias_id, one.article_id)
    )
    owner: dict[int, int] = {}
    first: dict[int, Alias] = {}
    for one in ordered:
        first.setdefault(one.alias_id, one)
        root = _root(owner, one.article_id)
        if one.alias_id not in owner and root != one.alias_id:
            owner[one.alias_id] = root
    return [replace(first[number], article_id=_root(owner, number)) for number in sorted(owner)]


def _root(owner: dict[int, int], number: int) -> int:
    while number in owner:
        number = owner[number]
    return number
