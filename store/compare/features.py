"""How alike two changed sentences are: rare words, word pairs, characters, position.

Only sentences that no exact anchor settled come here, so the cost follows the change.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

_WORD = re.compile(r"\w+")
# Scripts written without spaces: Thai, kana, CJK; their words here are pairs of letters.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

# A sentence longer than this (nobody cut it) is compared by its beginning.
LONGEST = 8_000
# Weights of the score W = cosine, bigram share, character ratio, less the distance
# (field study of alignment, step 3: fitted on human-aligned drafts).
COSINE, BIGRAMS, CHARACTERS, DISTANCE = 0.15, 0.20, 0.65, 0.15


@dataclass(frozen=True, slots=True)
class Features:
    """One sentence's words, word pairs, the sum of its weights and their vector's length."""

    text: str
    words: frozenset[str]
    bigrams: frozenset[tuple[str, str]]
    total: float
    norm: float


@dataclass(frozen=True, slots=True)
class Space:
    """The changed sentences of both sides, by index, and the weights of their words."""

    old: dict[int, Features]
    new: dict[int, Features]
    weights: dict[str, float]


def words_of(text: str) -> list[str]:
    """The words of a text, lower case; pairs of letters where a script has no spaces."""
    lower = text.lower()
    if lower.isascii() or not _UNSPACED.search(lower):
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
    """Features of the sentences at the places. Words rare among them weigh more:
    w = ln(1 + (u + 20) / tf), u being their number."""
    old_words = {place: words_of(old[place][:LONGEST]) for place in old_places}
    new_words = {place: words_of(new[place][:LONGEST]) for place in new_places}
    counts: Counter[str] = Counter()
    for words in (*old_words.values(), *new_words.values()):
        counts.update(words)
    size = len(old_words) + len(new_words) + 20
    weights = {word: math.log1p(size / count) for word, count in counts.items()}
    return Space(
        {place: _features(old[place], words, weights) for place, words in old_words.items()},
        {place: _features(new[place], words, weights) for place, words in new_words.items()},
        weights,
    )


def _features(text: str, words: list[str], weights: dict[str, float]) -> Features:
    distinct = frozenset(words)
    own = [weights[word] for word in distinct]
    return Features(
        text[:LONGEST],
        distinct,
        frozenset(itertools.pairwise(words)),
        sum(own),
        math.sqrt(sum([weight * weight for weight in own])),
    )


def cosine(a: Features, b: Features, weights: dict[str, float]) -> float:
    """Cosine of the two weight vectors, 0 to 1."""
    if not a.norm or not b.norm:
        return 0.0
    return sum([weights[word] ** 2 for word in a.words & b.words]) / (a.norm * b.norm)


def bigram_shares(a: Features, b: Features) -> tuple[float, float]:
    """The share of each sentence's word pairs that the other has too, 0 to 1."""
    shared = len(a.bigrams & b.bigrams)
    return shared / (len(a.bigrams) or 1), shared / (len(b.bigrams) or 1)


def score(
    a: Features, b: Features, weights: dict[str, float], distance: float, least: float
) -> float:
    """W of a pair, or 0 where it cannot reach ``least``; ``distance`` runs from 0 to 1."""
    cheap = COSINE * cosine(a, b, weights) + BIGRAMS * max(bigram_shares(a, b))
    cheap -= DISTANCE * distance
    needed = (least - cheap) / CHARACTERS
    if needed > 1.0:
        return 0.0
    ratio = fuzz.ratio(a.text, b.text, score_cutoff=max(0.0, needed * 100)) / 100
    total = cheap + CHARACTERS * ratio
    return total if total > least else 0.0
