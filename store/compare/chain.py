"""Chains: runs of pairs that increase on both sides, the heaviest or the longest. O(n log n)."""

from __future__ import annotations

from collections.abc import Sequence


def longest_chain(news: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """Places of a longest strictly increasing subsequence of distinct numbers, in order.

    Among the longest the one with the largest sum of ``sizes`` (zero or more) is taken, so the
    rest is a smallest set of moves, and of those the one that moves least.
    """
    ranks = {new: rank for rank, new in enumerate(sorted(news))}
    # Numbers that follow each other in both orders move together or not at all: one block.
    blocks: list[list[int]] = []
    last = -1
    for place, new in enumerate(news):
        rank = ranks[new]
        if rank == last + 1 and blocks:
            blocks[-1].append(place)
        else:
            blocks.append([place])
        last = rank
    whole = sum(sizes) + 1
    weighted = [
        (block[0], news[block[0]], whole * len(block) + sum([sizes[place] for place in block]))
        for block in blocks
    ]
    return [place for at in heaviest_chain(weighted) for place in blocks[at]]


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
