"""Values that changed: numbers, dates, times and their kin, paired by slot.

Values equal on both sides cancel first. What is left is paired where one took the other's
place: in one replaced run of words, or beside the same words.
"""

from __future__ import annotations

import re
from typing import Literal

from store.compare.lexicon import Lexicon
from store.compare.slots import block_at, is_slot, overlaps, window, word_after, word_before
from store.compare.typed import Fact
from store.compare.units import ROUND_PLURALS, UNITS
from store.compare.values import values_of
from store.compare.words import WordDiff
from store.model import FactChange

# Types that are one another's next of kin: the words beside a number decide among them.
_COUNTS = frozenset({"number", "casualty_count", "quantity", "age", "score"})
# How far a value in words or with a suffix ("162k") may stand from the exact one.
_ROUNDING = 0.005
# How many characters around what differs are read for values and the words that type them.
_REACH = 80
_MAGNITUDE = re.compile(r"[^\W\d_]$")


def changed_values(diff: WordDiff, words: Lexicon, *, sure: bool) -> list[FactChange]:
    """Values that others took the place of; where not ``sure``, only beside the same words."""
    olds = _differing(diff, words, 0)
    if not olds:
        return []
    olds, news = _uncancelled(olds, _differing(diff, words, 2), diff)
    changes: list[FactChange] = []
    for a in olds:
        b = _counterpart(a, news, diff, sure=sure)
        if b is not None:
            news.remove(b)
            changes.append(FactChange(_common_type(a, b), a.text, b.text))
    return changes


def _differing(diff: WordDiff, words: Lexicon, side: Literal[0, 2]) -> list[Fact]:
    """The values of the old (side 0) or new (side 2) text that touch what differs."""
    text = diff.new if side else diff.old
    found = values_of(text, words, *window(text, diff.blocks, side, _REACH))
    return [fact for fact in found if block_at(fact.start, fact.end, diff.blocks, side)]


def _uncancelled(
    olds: list[Fact], news: list[Fact], diff: WordDiff
) -> tuple[list[Fact], list[Fact]]:
    """The values that stand on one side only; a fuller date is the same date.

    Two values that changed places between the same words stand on neither other side.
    """
    news = list(news)
    left: list[Fact] = []
    for fact in olds:
        twins = [other for other in news if _equal(fact, other)]
        twin = next(
            (other for other in twins if not _are_swapped(fact, other, olds, news, diff)), None
        )
        if twin is None:
            left.append(fact)
        else:
            news.remove(twin)
    return left, news


def _are_swapped(
    fact: Fact, twin: Fact, olds: list[Fact], news: list[Fact], diff: WordDiff
) -> bool:
    """Whether a value and its twin each stand in the exact place of another value."""
    there = next((f for f in news if f is not twin and _replaces(fact, f, diff)), None)
    here = next((f for f in olds if f is not fact and _replaces(f, twin, diff)), None)
    return there is not None and here is not None


def _replaces(a: Fact, b: Fact, diff: WordDiff) -> bool:
    """Whether one value became the other, its neighbours staying as they were."""
    block = block_at(a.start, a.end, diff.blocks, 0)
    if block is None or not overlaps(b.start, b.end, block, 2) or not _akin(a, b):
        return False
    after = word_after(diff.old, a.end)
    same = bool(after) and after == word_after(diff.new, b.end)
    return same and word_before(diff.old, a.start) == word_before(diff.new, b.start)


def _equal(a: Fact, b: Fact) -> bool:
    if a.type == b.type == "date":
        return _same_date(a.value, b.value)
    if a.type != b.type and not {a.type, b.type} <= _COUNTS:
        return False
    if a.value == b.value:
        return _unit(a) == _unit(b) or not (_unit(a) and _unit(b))
    return _rounds(a, b) or _rounds(b, a)


def _unit(fact: Fact) -> str:
    """The unit or currency of a value under one name, where several are in use."""
    return UNITS.get(fact.slot.lower(), "") if fact.type in {"quantity", "money"} else ""


def _rounds(exact: Fact, round_one: Fact) -> bool:
    """Whether one value is the other one rounded: "£162,500" and "£162k", "34" and "dozens"."""
    if {exact.type, round_one.type} & {"time", "score"} or exact.text.lower() in ROUND_PLURALS:
        return False
    value, rounded = float(exact.value), float(round_one.value)
    if round_one.text.lower() in ROUND_PLURALS:
        least, most = ROUND_PLURALS[round_one.text.lower()]
        return least <= value <= most
    short = _MAGNITUDE.search(round_one.text) and not _MAGNITUDE.search(exact.text)
    return bool(short) and rounded > 0 and abs(value - rounded) / rounded < _ROUNDING


def _same_date(a: str, b: str) -> bool:
    """Whether two dates can be one: what both of them state is equal, and they state something."""
    if a == b or "-" not in a or "-" not in b:
        return a == b
    pairs = [(x, y) for x, y in zip(a.split("-"), b.split("-"), strict=True) if x and y]
    return bool(pairs) and all(x == y for x, y in pairs)


def _counterpart(fact: Fact, news: list[Fact], diff: WordDiff, *, sure: bool) -> Fact | None:
    """The new value that took an old one's place, or None."""
    block = block_at(fact.start, fact.end, diff.blocks, 0)
    if block is None:
        return None
    here = [f for f in news if _akin(fact, f) and overlaps(f.start, f.end, block, 2)]
    sure = sure and is_slot(block)
    if sure and len(here) == 1:
        return here[0]
    slotted = [
        f for f in here or news if _akin(fact, f) and _same_slot(fact, f, diff.old, diff.new)
    ]
    if slotted:
        return slotted[0]
    return here[0] if sure and here else None


def _akin(a: Fact, b: Fact) -> bool:
    if a.weak and b.weak:
        return False
    if (a.slot == "ordinal") is not (b.slot == "ordinal"):
        return False
    if a.type == "date":
        return b.type == "date" and a.slot == b.slot
    return a.type == b.type or {a.type, b.type} <= _COUNTS


def _same_slot(a: Fact, b: Fact, old: str, new: str) -> bool:
    """Whether two values stand beside the same words, or count the same thing."""
    if a.slot and a.slot == b.slot and a.type != "date":
        return True
    before_a, before_b = word_before(old, a.start), word_before(new, b.start)
    after_a, after_b = word_after(old, a.end), word_after(new, b.end)
    return bool(after_a and after_a == after_b) or bool(len(before_a) > 2 and before_a == before_b)


def _common_type(a: Fact, b: Fact) -> str:
    if a.type == b.type:
        return a.type
    return next(t for t in (a.type, b.type, "number") if t != "number")
