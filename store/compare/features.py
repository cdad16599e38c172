"""How alike two changed sentences are: rare words, word pairs, position.

Only sentences that no exact anchor settled come here, so the cost follows the change.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

_WORD = re.compile(r"\w+")
# Scripts written without spaces: Thai, kana, CJK; their words here are pairs of letters.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# ASCII letters in lower case, digits and the underscore; all else is a blank.
_ASCII = bytes(ord(chr(n).lower()) if _WORD.match(chr(n)) else 32 for n in range(128)).ljust(256)

# A sentence longer than this (nobody cut it) is compared by its beginning.
LONGEST = 8_000
# Words count as the same when this many first letters are: inflections of one word. (Seven was
# best of five to seven and whole words on news links and drafts read again.)
_STEM = 7
# Weights are whole numbers of this part of one: sums of fractions would depend on their order.
_SCALE = 1_000_000
Pairs: TypeAlias = frozenset[tuple[str, str]]


class Features(NamedTuple):
    """One sentence's words, their summed weight, and the pairs of words that follow each other."""

    words: frozenset[str]
    weight: int
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Space:
    """The changed sentences of both sides, by index, and the weights of their words.

    ``known`` are the scores asked for so far.
    """

    old: dict[int, Features]
    new: dict[int, Features]
    weights: dict[str, int]
    known: dict[tuple[int, int], float] = field(default_factory=dict)

    def score(self, i: int, j: int) -> float:
        """How alike an old sentence and a new one are, 0 to 1."""
        found = self.known.get((i, j))
        if found is None:
            found = self.known[i, j] = _score(self.old[i], self.new[j], self.weights)
        return found


def words_of(text: str) -> list[str]:
    """The words of a text, lower case; pairs of letters where a script has no spaces."""
    if text.isascii():
        return text.encode().translate(_ASCII).decode().split()
    lower = text.lower()
    if not _UNSPACED.search(lower):
        return _WORD.findall(lower)
    words: list[str] = []
    for word in _WORD.findall(lower):
        if _UNSPACED.search(word) and len(word) > 2:
            words.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.append(word)
    return words


def make_space(
    old: Sequence[str], new: Sequence[str], old_places: Iterable[int], new_places: Iterable[int]
) -> Space:
    """Features of the sentences at the places.

    Words rare among them weigh more: w = ln(1 + (u + 20) / tf), u being their number (field
    study, step 3). Weights from the length of the words alone would not depend on what else
    changed, but lose half a point of recall on drafts at the same precision.
    """
    old_words = {place: _stems(old[place]) for place in old_places}
    new_words = {place: _stems(new[place]) for place in new_places}
    every = itertools.chain(old_words.values(), new_words.values())
    counts = Counter(itertools.chain.from_iterable(every))
    size = len(old_words) + len(new_words) + 20
    weight_of = {n: round(_SCALE * math.log1p(size / n)) for n in set(counts.values())}
    weights = {word: weight_of[count] for word, count in counts.items()}
    return Space(
        {place: _features(words, weights) for place, words in old_words.items()},
        {place: _features(words, weights) for place, words in new_words.items()},
        weights,
    )


def _stems(text: str) -> list[str]:
    return [word[:_STEM] for word in words_of(text[:LONGEST])]


def _features(words: list[str], weights: dict[str, int]) -> Features:
    distinct = frozenset(words)
    weight = sum([weights[word] for word in distinct])
    return Features(distinct, weight, frozenset(itertools.pairwise(words)))


def word_pairs(text: str) -> Pairs:
    """The pairs of words that follow each other in a sentence."""
    return frozenset(itertools.pairwise(_stems(text)))


def _score(a: Features, b: Features, weights: dict[str, int]) -> float:
    """How alike two sentences are: 1 for the same words in the same order, 0 for no common one.

    The mean of three shares: of the weighted words of both, of those of the shorter sentence,
    and of the word pairs of the one with fewer. (Logistic regression on news links and drafts
    read again, first half: the three weighed the same, a character ratio added nothing.)
    """
    shared = a.words & b.words
    if not shared:
        return 0.0
    weight = sum([weights[word] for word in shared])
    both = 2 * weight / (a.weight + b.weight)
    one = weight / min(a.weight, b.weight)
    pairs = len(a.pairs & b.pairs) / (min(len(a.pairs), len(b.pairs)) or 1)
    return (both + one + pairs) / 3
