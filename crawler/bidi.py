"""The order in which words stand on a line: Unicode's bidirectional algorithm, word by word. Pure.

Within a word the shaper (HarfBuzz, through Pillow) keeps the order; here it is of whole words and
of the blanks between them (UAX 9: P2 for the base, W7 for numbers, N1 and N2 for what is neutral,
L2 for the order).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby

LEFT, RIGHT = "L", "R"
"""Written from left to right, and from right to left."""
_STRONG = {"L": LEFT, "R": RIGHT, "AL": RIGHT}
# Letters with the marks on them: of Latin, Hebrew, Arabic, and the scripts of South Asia.
_LETTER = (
    r"[\w\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    r"\u06d6-\u06ed\u0900-\u109f]"
)
_PIECES = re.compile(rf"\d+(?:[^\w\s]\d+)*%?(?!\w)|{_LETTER}+|\s+|.", re.DOTALL)


def base_of(text: str) -> str:
    """Return the direction of a paragraph: that of its first letter, left to right without one."""
    return _strong(text) or LEFT


def pieces_of(word: str) -> list[str]:
    """Part a word into letters, numbers and marks, each of which may go its own way."""
    return _PIECES.findall(word)


def sides_of(words: Sequence[str], base: str) -> list[str]:
    """Return the direction of each word or blank of a line."""
    found = [_strong(word) for word in words]
    before = base
    for place, word in enumerate(words):
        if found[place] is None and any(letter.isdigit() for letter in word):
            found[place] = before
        before = found[place] or before
    return [one or _between(found, place, base) for place, one in enumerate(found)]


def in_visual_order(sides: Sequence[str], base: str) -> list[int]:
    """Return the places of a line's words as they stand from left to right."""
    order: list[int] = []
    for side, run in groupby(range(len(sides)), key=lambda place: sides[place]):
        places = list(run)  # a run of the other direction keeps its own order within the line's
        order += places if side == base else reversed(places)
    return order if base == LEFT else order[::-1]


def _strong(text: str) -> str | None:
    kinds = (_STRONG.get(unicodedata.bidirectional(letter)) for letter in text)
    return next((kind for kind in kinds if kind), None)


def _between(found: Sequence[str | None], place: int, base: str) -> str:
    before = next((one for one in reversed(found[:place]) if one), base)
    after = next((one for one in found[place:] if one), base)
    return before if before == after else base
