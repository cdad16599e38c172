"""What a number counts, in the words of a newspaper: "dead", "people arrested", "flats"."""

from __future__ import annotations

import re
from functools import lru_cache

from store.compare.lexicon import Lexicon, tables
from store.compare.values import Fact, values_of
from store.model import FactChange

_COUNTS = frozenset({"number", "casualty_count"})
# The words right behind a number, as far as no sign cuts them off.
_NEXT = re.compile(r"\s(?P<first>[^\W\d_]+(?:[-'’][^\W\d_]+)*)(?:\s(?P<second>[^\W\d_]{3,}))?")
# English plurals without an s, and words with one that are none.
_PLURALS = frozenset({"people", "men", "women", "children", "police", "staff", "cattle", "sheep"})
_NO_PLURALS = frozenset({"was", "is", "has", "as", "its", "his", "this", "does", "years", "ones"})
# Shorter words of other languages are rarely what is counted.
_LEAST_LETTERS = 4


def counted_in(text: str, fact: FactChange, words: Lexicon) -> str:
    """What the new value of a changed count counts in a text, or nothing where it is unclear."""
    if fact.type not in _COUNTS or not fact.new:
        return ""
    values = (v for v in values_of(text, words) if (v.type, v.text) == (fact.type, fact.new))
    value = next(values, None)
    if value is None:
        return ""
    if value.type == "casualty_count":
        return _casualties().get(value.slot, f"“{value.slot}”")
    return "" if value.slot == "ordinal" else _things(text, value, words)


@lru_cache(maxsize=1)
def _casualties() -> dict[str, str]:
    """Every casualty word of every language with what English papers call those people."""
    return {
        word.replace("_", " "): name.replace("_", " ")
        for name, listed in tables()["counted"].items()
        for word in listed.split()
    }


def _things(text: str, value: Fact, words: Lexicon) -> str:
    """The noun behind a number, with the adjective before it."""
    match = _NEXT.match(text, value.end)
    if match is None:
        return ""
    first, second = match["first"], match["second"] or ""
    if words.language != "en":
        common = first.lower() in words.small or len(first) < _LEAST_LETTERS
        return "" if common else f"“{first}”"
    if _is_plural(first):
        return first
    joined = first.lower() not in words.small and _is_plural(second)
    return f"{first} {second}" if joined else ""


def _is_plural(word: str) -> bool:
    plural = word.lower().endswith("s") and not word.lower().endswith("ss") and len(word) > 2
    return word in _PLURALS or (plural and word.lower() not in _NO_PLURALS)
