"""Chains: the longest and the heaviest increasing runs of pairs. O(n log n) both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def longest_increasing(values: Sequence[int]) -> list[int]:
    """Places of a longest strictly increasing subsequence, in order."""
    tops: list[int] = []
    top_places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        at = bisect_left(tops, value)
        before.append(top_places[at - 1] if at else -1)
        if at == len(tops):
            tops.append(value)
            top_places.append(place)
        else:
            tops[at] = value
            top_places[at] = place
    return _walk_back(top_places[-1] if top_places else -1, before)


def heaviest_chain(pairs: Sequence[tuple[int, int, float]]) -> list[int]:
    """Places of the heaviest run of pairs that increases strictly on both sides.

    ``pairs`` are (old, new, weight), weights positive. A Fenwick tree over the new
    positions holds the heaviest chain that ends at or before each.
    """
    ranks = {new: rank for rank, new in enumerate(sorted({new for _, new, _ in pairs}), 1)}
    tree: list[tuple[float, int]] = [(0.0, -1)] * (len(ranks) + 1)
    before = [-1] * len(pairs)
    best = (0.0, -1)
    # Pairs of one old sentence go from the right, so none builds on another of the same.
    for place in sorted(range(len(pairs)), key=lambda p: (pairs[p][0], -pairs[p][1], p)):
        _, new, weight = pairs[place]
        sum_before, last = _heaviest_until(tree, ranks[new] - 1)
        before[place] = last
        chain = (sum_before + weight, place)
        _raise(tree, ranks[new], chain)
        if chain[0] > best[0]:
            best = chain
    return _walk_back(best[1], before)


def _heaviest_until(tree: list[tuple[float, int]], rank: int) -> tuple[float, int]:
    best = (0.0, -1)
    while rank > 0:
        if tree[rank][0] > best[0]:
            best = tree[rank]
        rank -= rank & -rank
    return best


def _raise(tree: list[tuple[float, int]], rank: int, chain: tuple[float, int]) -> None:
    while rank < len(tree):
        if chain[0] > tree[rank][0]:
            tree[rank] = chain
        rank += rank & -rank


def _walk_back(place: int, before: list[int]) -> list[int]:
    places: list[int] = []
    while place >= 0:
        places.append(place)
        place = before[place]
    return places[::-1]
