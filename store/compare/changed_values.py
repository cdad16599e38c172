"""Values that changed: numbers, dates, times and their kin, paired by slot.

Values equal on both sides cancel first. What is left is paired where one took the other's
place: in one replaced run of words, or beside the same words.
"""

from __future__ import annotations

import re

from store.compare.lexicon import Lexicon
from store.compare.slots import block_at, is_slot, overlaps, word_after, word_before
from store.compare.values import ROUND_PLURALS, Fact, values_of
from store.compare.words import WordDiff
from store.model import FactChange

# Types that are one another's next of kin: the words beside a number decide among them.
_COUNTS = frozenset({"number", "casualty_count", "quantity", "age", "score"})
# How far a value in words or with a suffix ("162k") may stand from the exact one.
_ROUNDING = 0.005
_MAGNITUDE = re.compile(r"[^\W\d_]$")


def changed_values(diff: WordDiff, words: Lexicon, *, sure: bool) -> list[FactChange]:
    """Values that others took the place of; where not ``sure``, only beside the same words."""
    olds, news = _uncancelled(
        [f for f in values_of(diff.old, words) if block_at(f.start, f.end, diff.blocks, 0)],
        [f for f in values_of(diff.new, words) if block_at(f.start, f.end, diff.blocks, 2)],
    )
    changes: list[FactChange] = []
    for a in olds:
        b = _counterpart(a, news, diff, sure=sure)
        if b is not None:
            news.remove(b)
            changes.append(FactChange(_common_type(a, b), a.text, b.text))
    return changes


def _uncancelled(olds: list[Fact], news: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """The values that stand on one side only; a fuller date is the same date."""
    news = list(news)
    left: list[Fact] = []
    for fact in olds:
        twin = next((other for other in news if _equal(fact, other)), None)
        if twin is None:
            left.append(fact)
        else:
            news.remove(twin)
    return left, news


def _equal(a: Fact, b: Fact) -> bool:
    if a.type == b.type == "date":
        return _same_date(a.value, b.value)
    if a.type != b.type and not {a.type, b.type} <= _COUNTS:
        return False
    return a.value == b.value or _rounds(a, b) or _rounds(b, a)


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
