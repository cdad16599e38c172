"""Pieces: a sentence that was split, merged with another, or absorbed by one.

A passage, which is words that follow each other in both sentences, links an old sentence to a
new one when neither's partners explain it. That holds for sentences without a link and for
linked ones that a part was cut from or put into; each occurrence counts for one link only, which
keeps look-alikes apart. (The idea is the residual test of the field study, step 6, measured on
word pairs instead of words.)
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from store.compare.features import Features, Pairs, Space, word_pairs

if TYPE_CHECKING:
    from store.compare.align import Links

# The least share, by weight, of the shorter sentence's word pairs that a passage holds, and the
# least far from the place where a piece is expected. (Best on news links and drafts read again,
# first half.)
_NEAR_SHARE, _FAR_SHARE = 0.23, 0.55
# So many places away is near.
_NEAR = 2
# A passage has this many word pairs at least, or is the whole of a sentence of fewer.
_LEAST_PAIRS = 2
# A word pair proposes no link when the old sentences times the new ones it stands in are more.
_POSTINGS = 36

Partners: TypeAlias = dict[int, tuple[int, ...]]


def find_pieces(old: Sequence[str], new: Sequence[str], space: Space, links: Links) -> None:
    """Link sentences of the space by passages that no link explains yet, largest share first."""
    old_left = _unexplained(space.old, space.new, new, links.old)
    new_left = _unexplained(space.new, space.old, old, links.new)
    passages = _Passages(space, old_left, new_left)
    shares = ((passages.share(i, j), -i - j, i, j) for i, j in _sharing(old_left, new_left))
    ranked = sorted((entry for entry in shares if entry[0] >= _NEAR_SHARE), reverse=True)
    if not ranked:
        return
    old_linked, new_linked = sorted(links.old), sorted(links.new)
    for _, _, i, j in ranked:
        share = passages.share(i, j)
        if share < _NEAR_SHARE:
            continue
        away = min(_away(i, j, links.old, old_linked), _away(j, i, links.new, new_linked))
        if away <= _NEAR or share >= _FAR_SHARE:
            links.add(i, j)
            passages.explain(i, j)


def _unexplained(
    own: dict[int, Features], others: dict[int, Features], texts: Sequence[str], partners: Partners
) -> dict[int, Pairs]:
    """The word pairs of each sentence that its partners do not have, where enough are left."""
    left: dict[int, Pairs] = {}
    for place, features in own.items():
        pairs = features.pairs
        for partner in partners.get(place, ()):
            known = others.get(partner)
            pairs = pairs - (known.pairs if known else word_pairs(texts[partner]))
        if len(pairs) >= min(_LEAST_PAIRS, len(features.pairs)):
            left[place] = pairs
    return left


def _sharing(old_left: dict[int, Pairs], new_left: dict[int, Pairs]) -> list[tuple[int, int]]:
    """Old and new sentences that may share a passage; where many are left, by rare pairs."""
    if len(old_left) * len(new_left) <= _POSTINGS:
        return [
            (i, j)
            for i, before in old_left.items()
            for j, after in new_left.items()
            if not before.isdisjoint(after)
        ]
    common = frozenset().union(*old_left.values()) & frozenset().union(*new_left.values())
    old_places, new_places = _postings(old_left, common), _postings(new_left, common)
    counts = Counter(
        (i, j)
        for pair in common
        if len(old_places[pair]) * len(new_places[pair]) <= _POSTINGS
        for i in old_places[pair]
        for j in new_places[pair]
    )
    return [
        (i, j)
        for (i, j), count in counts.items()
        if count >= min(_LEAST_PAIRS, len(old_left[i]), len(new_left[j]))
    ]


def _postings(left: dict[int, Pairs], common: Pairs) -> dict[tuple[str, str], list[int]]:
    """The sentences each of the common pairs stands in."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, pairs in left.items():
        for pair in pairs & common:
            places[pair].append(place)
    return places


class _Passages:
    """The unexplained word pairs of both sides, fewer with every link."""

    def __init__(self, space: Space, old: dict[int, Pairs], new: dict[int, Pairs]) -> None:
        self._space, self._old, self._new = space, old, new

    def share(self, i: int, j: int) -> float:
        """The share of the shorter sentence's pairs, by weight, that is common and unexplained."""
        old, new, weights = self._space.old[i], self._space.new[j], self._space.weights
        common = self._old[i] & self._new[j]
        if len(common) < min(_LEAST_PAIRS, len(old.pairs), len(new.pairs)):
            return 0.0
        shared = sum([weights[first] + weights[second] for first, second in common])
        # Nearly every word stands in two pairs.
        return shared / (2 * min(old.weight, new.weight))

    def explain(self, i: int, j: int) -> None:
        """Take what two sentences now linked have in common from both."""
        common = self._space.old[i].pairs & self._space.new[j].pairs
        self._old[i] -= common
        self._new[j] -= common


def _away(place: int, other: int, partners: Partners, linked: list[int]) -> int:
    """How far ``other`` stands from where the linked neighbours of ``place`` would put it."""
    at = bisect_left(linked, place)
    return min(
        abs(other - partner - (place - beside))
        for beside in linked[max(0, at - 1) : at + 1] or (place,)
        for partner in partners.get(beside, (place,))
    )
