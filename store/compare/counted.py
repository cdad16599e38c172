"""What a number counts, in the words of a newspaper: "dead", "people arrested", "flats"."""

from __future__ import annotations

import re
from functools import lru_cache

from store.compare.lexicon import Lexicon, tables
from store.compare.typed import Fact
from store.compare.values import values_of
from store.model import FactChange

_COUNTS = frozenset({"number", "casualty_count"})
# The words right behind a number, as far as no sign cuts them off.
_NEXT = re.compile(r"\s(?P<first>[^\W\d_]+(?:[-'’][^\W\d_]+)*)(?:\s(?P<second>[^\W\d_]{3,}))?")
# English plurals without an s, and words with one that are none.
_PLURALS = frozenset({"people", "men", "women", "children", "police", "staff", "cattle", "sheep"})
_NO_PLURALS = frozenset({"was", "is", "has", "as", "its", "his", "this", "does", "years", "ones"})
# Languages that put what is counted right behind the number.
_NOUN_NEXT = frozenset({"de", "fr", "es", "pt", "it", "nl", "no", "sv", "da"})
# Words between a number and a noun that say nothing of what is counted.
_NO_QUALITIES = frozenset({"more", "other"})
# How many characters around a value are read for what it counts.
_REACH = 80
# Shorter words of other languages are rarely what is counted.
_LEAST_LETTERS = 4


def counted_in(text: str, fact: FactChange, words: Lexicon) -> str:
    """What the new value of a changed count counts in a text, or nothing where it is unclear."""
    if fact.type not in _COUNTS or not fact.new:
        return ""
    at = text.find(fact.new)
    near = values_of(text, words, max(0, at - _REACH), min(len(text), at + len(fact.new) + _REACH))
    value = next((v for v in near if (v.type, v.text) == (fact.type, fact.new)), None)
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
    if words.language == "en":
        return first if _is_plural(first) else _qualified(first, second, words)
    if words.language not in _NOUN_NEXT or first.lower() in words.small:
        return ""
    return f"“{first}”" if len(first) >= _LEAST_LETTERS else ""


def _qualified(first: str, second: str, words: Lexicon) -> str:
    """An English plural with the word before it, where that says something of it."""
    if not _is_plural(second):
        return ""
    if first.lower() in _NO_QUALITIES:
        return second
    return "" if first.lower() in words.small and first != "new" else f"{first} {second}"


def _is_plural(word: str) -> bool:
    plural = word.lower().endswith("s") and not word.lower().endswith("ss") and len(word) > 2
    return word in _PLURALS or (plural and word.lower() not in _NO_PLURALS)
