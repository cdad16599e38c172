"""Pure: what of a text can be searched for, in any script, and small filters of many texts.

Case, accents, Arabic and Hebrew points and the width of letters do not count. Where a script parts
words by spaces a word is found whole; Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are
found sign by sign, so that a query may begin and end anywhere.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

REVISION = 2
"""Counts on where any rule of this module changes: filters of another revision are made again."""

# Scripts that are written without spaces between words, and Korean, whose particles are attached.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff"  # with their vowel signs, which are no letters to Python
_PLAIN = re.compile(r"[a-z0-9]+")
_WORD = re.compile(rf"[{_UNSPACED}]|(?:[^\W_{_UNSPACED}]|[{_INDIC}])+")
_SIGN = re.compile(rf"[{_UNSPACED}]")
# Accents, Hebrew points, Arabic vowel signs and the stretch between letters.
_POINTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u065f\u0670]"
)

# Bits for each word, and how many of them it sets: of 400 chunks one is taken for one that holds a
# word it does not (Bloom 1970; 14 bits and 5 of them: 0.24 %).
_BITS, _SET = 14, 5

PARTS = 16
"""A filter is in so many parts, and a word is known to one of them: the others are not read."""


class Mark(NamedTuple):
    """Where a filter knows a word: the part, and what its bits are counted from and by."""

    part: int
    first: int
    step: int


@dataclass(frozen=True, slots=True)
class Query:
    """What a text must hold: every phrase, as its words with a blank around each.

    ``terms`` are what the filter of such a text must hold, ``marks`` where it holds them.
    """

    phrases: tuple[str, ...]
    terms: frozenset[str]
    marks: tuple[Mark, ...]


EVERYTHING = Query((), frozenset(), ())
"""The query that every text holds."""


def query(phrases: Sequence[str]) -> Query:
    """Return the query for texts that hold all of some words and phrases.

    Raises ValueError where one of them has no letter or digit.
    """
    for phrase in phrases:
        if not _words(_folded(phrase)):
            raise ValueError(f"“{phrase}” has no letter or digit to be searched for.")
    held = tuple(_padded(_words(_folded(phrase))) for phrase in phrases)
    held_terms = frozenset(term for phrase in phrases for term in terms(phrase))
    return Query(held, held_terms, tuple(map(_mark, held_terms)))


def holds(text: str, asked: Query) -> bool:
    """Say whether a text holds every phrase of a query."""
    folded = _folded(text)
    if not all(term in folded for term in asked.terms if len(term) > 1 and term.isascii()):
        return False  # cheap, and true of nearly all texts
    padded = _padded(_words(folded))
    return all(phrase in padded for phrase in asked.phrases)


def terms(text: str) -> Iterator[str]:
    """Yield what a filter knows of a text: words, and unspaced signs in pairs as well."""
    words = _words(_folded(text))
    yield from words
    if not text.isascii():
        for one, other in itertools.pairwise(words):
            if _SIGN.match(one) and _SIGN.match(other):
                yield one + other


def filter_of(texts: Iterable[str]) -> list[bytes]:
    """Return a Bloom filter of the terms of many texts, in parts."""
    held: list[list[Mark]] = [[] for _ in range(PARTS)]
    for mark in map(_mark, {term for text in texts for term in terms(text)}):
        held[mark.part].append(mark)
    return [_part(marks) for marks in held]


def _part(marks: Sequence[Mark]) -> bytes:
    bits = bytearray(1 + _BITS * len(marks) // 8)
    for mark in marks:
        for place in _places(mark, len(bits) * 8):
            bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def may_hold(parts: Mapping[int, bytes], asked: Query) -> bool:
    """Say whether one of a filter's texts may hold all terms of a query; False is certain.

    Of the filter's parts only those are needed that a mark of the query names.
    """
    return all(_is_marked(parts[mark.part], mark) for mark in asked.marks)


def _is_marked(bits: bytes, mark: Mark) -> bool:
    return all(bits[place >> 3] >> (place & 7) & 1 for place in _places(mark, len(bits) * 8))


def _mark(term: str) -> Mark:
    digest = hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=9).digest()
    return Mark(
        digest[8] % PARTS,
        int.from_bytes(digest[:4], "big"),
        int.from_bytes(digest[4:8], "big") | 1,
    )


def _places(mark: Mark, size: int) -> Iterator[int]:
    return ((mark.first + number * mark.step) % size for number in range(_SET))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", _POINTS.sub("", unicodedata.normalize("NFKD", apart)))


def _words(folded: str) -> list[str]:
    return (_PLAIN if folded.isascii() else _WORD).findall(folded)


def _padded(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
