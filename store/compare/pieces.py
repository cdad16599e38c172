"""Pieces: a sentence that was split, merged with another, or absorbed by one.

A sentence left without a link may be part of one that has a link already. It belongs
there when most of its word pairs are found in it and its present partners do not explain
those words, each occurrence counted (the residual test, which keeps look-alikes apart).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.compare.features import Features, bigram_shares, words_of

if TYPE_CHECKING:
    from store.compare.align import Links
    from store.compare.features import Space

# The least one-sided share of word pairs, or of weighted words, of a piece in its whole.
_BIGRAM_SHARE, _WORD_SHARE = 0.40, 0.70
# How much of the shared weight the present partners must leave unexplained.
_RESIDUAL = 0.60
# A piece stands this near to its whole's partner, unless it shares this much of its pairs.
_NEAR, _FAR_SHARE = 2, 0.60
# A word that stands in more sentences than this proposes no whole.
_POSTINGS = 12
# The least share of a piece's weight in such words.
_RARE_SHARE = 0.2
# A piece needs this many different words: "Yes." is a piece of anything.
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Side:
    """The pieces' own side, the other side, and who is linked to whom over there."""

    own: dict[int, Features]
    others: dict[int, Features]
    partners: dict[int, set[int]]
    weights: dict[str, float]
    postings: dict[str, list[int]]


def find_pieces(space: Space, links: Links) -> None:
    """Link every free sentence to the whole it is a piece of, where there is one."""
    old_free = [i for i in space.old if i not in links.old]
    new_free = [j for j in space.new if j not in links.new]
    found: list[tuple[int, int, float]] = []
    if old_free:
        side = _side(space.old, space.new, links.new, space.weights)
        found += [(i, j, share) for i in old_free for j, share in _wholes(i, side)]
    if new_free:
        side = _side(space.new, space.old, links.old, space.weights)
        found += [(i, j, share) for j in new_free for i, share in _wholes(j, side)]
    for i, j, share in found:
        if (i, j) not in links.pairs:
            links.add(i, j, share)


def _side(
    own: dict[int, Features],
    others: dict[int, Features],
    partners: dict[int, set[int]],
    weights: dict[str, float],
) -> _Side:
    postings: dict[str, list[int]] = defaultdict(list)
    for place, whole in others.items():
        for word in whole.words:
            postings[word].append(place)
    return _Side(own, others, partners, weights, postings)


def _wholes(piece: int, side: _Side) -> list[tuple[int, float]]:
    """The best whole on the other side for a piece, with the share of it found there."""
    own = side.own[piece]
    if len(own.words) < _LEAST_WORDS:
        return []
    best: tuple[float, int] | None = None
    for other in _near(own, side):
        share = _share(own, side.others[other], side.weights)
        if share is None or (best is not None and share <= best[0]):
            continue
        if _fits(piece, other, share, side):
            best = (share, other)
    return [(best[1], best[0])] if best else []


def _near(own: Features, side: _Side) -> list[int]:
    """Sentences of the other side that share enough rare words to hold a piece, in order."""
    shared: dict[int, float] = defaultdict(float)
    for word in own.words:
        places = side.postings.get(word, ())
        if len(places) <= _POSTINGS:
            weight = side.weights[word]
            for place in places:
                shared[place] += weight
    return sorted(place for place, weight in shared.items() if weight >= _RARE_SHARE * own.total)


def _share(piece: Features, whole: Features, weights: dict[str, float]) -> float | None:
    """The share of a piece that its whole holds, where it is large enough."""
    pairs = bigram_shares(piece, whole)[0]
    if pairs >= _BIGRAM_SHARE:
        return pairs
    shared = sum([weights[word] for word in piece.words & whole.words])
    return shared / piece.total if shared >= _WORD_SHARE * piece.total > 0 else None


def _fits(piece: int, other: int, share: float, side: _Side) -> bool:
    """Whether a whole has room for a piece beside the partners it has."""
    present = side.partners.get(other, set())
    if not present:
        return True
    if share < _FAR_SHARE and min(abs(partner - piece) for partner in present) > _NEAR:
        return False
    left = Counter(words_of(side.others[other].text))
    piece_words = Counter(words_of(side.own[piece].text))
    total = _weight(piece_words & left, side.weights)
    for partner in present:
        if partner in side.own:
            left -= Counter(words_of(side.own[partner].text))
    return bool(total) and _weight(piece_words & left, side.weights) >= _RESIDUAL * total


def _weight(words: Counter[str], weights: dict[str, float]) -> float:
    return sum(weights[word] * count for word, count in words.items())
