"""Exact anchors: identical sentences in order, found without any similarity.

Equal heads and tails are trimmed; sentences unique on both sides of a window are
candidates; their longest increasing run anchors; the windows between are searched again.
(The idea is Bram Cohen's patience diff.) What is left between anchors are the gaps.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from store.compare.chain import longest_increasing


class Window(NamedTuple):
    """Old sentences ``old_start`` up to ``old_end`` against new ones, ends left out."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int

    @property
    def olds(self) -> range:
        """The places of the old side."""
        return range(self.old_start, self.old_end)

    @property
    def news(self) -> range:
        """The places of the new side."""
        return range(self.new_start, self.new_end)

    @property
    def cells(self) -> int:
        """How many pairs the window holds."""
        return (self.old_end - self.old_start) * (self.new_end - self.new_start)


def find_anchors(
    old: Sequence[str], new: Sequence[str]
) -> tuple[list[tuple[int, int]], list[Window]]:
    """Pairs of identical sentences in order, and the gaps between them, in order.

    A gap has sentences on at least one side.
    """
    pairs: list[tuple[int, int]] = []
    gaps: list[Window] = []
    stack = [Window(0, len(old), 0, len(new))]
    while stack:
        window = _trim(old, new, stack.pop(), pairs)
        found = _unique_pairs(old, new, window) if window.cells else []
        if found:
            pairs.extend(found)
            stack.extend(_between(window, found))
        elif window.old_start < window.old_end or window.new_start < window.new_end:
            gaps.append(window)
    return sorted(pairs), sorted(gaps)


def _trim(
    old: Sequence[str], new: Sequence[str], window: Window, pairs: list[tuple[int, int]]
) -> Window:
    """The window without its equal head and tail, which are added to the pairs."""
    old_start, old_end, new_start, new_end = window
    while old_start < old_end and new_start < new_end and old[old_start] == new[new_start]:
        pairs.append((old_start, new_start))
        old_start += 1
        new_start += 1
    while old_start < old_end and new_start < new_end and old[old_end - 1] == new[new_end - 1]:
        old_end -= 1
        new_end -= 1
        pairs.append((old_end, new_end))
    return Window(old_start, old_end, new_start, new_end)


def _unique_pairs(old: Sequence[str], new: Sequence[str], window: Window) -> list[tuple[int, int]]:
    """The longest run in order of sentences that stand once on either side of the window."""
    old_places = _places(old, window.old_start, window.old_end)
    new_places = _places(new, window.new_start, window.new_end)
    shared = [
        (place, new_places[key])
        for key, place in old_places.items()
        if place >= 0 and new_places.get(key, -1) >= 0
    ]
    return [shared[at] for at in longest_increasing([place for _, place in shared])]


def _places(keys: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Where each sentence stands, -1 where it stands more than once; in order."""
    places: dict[str, int] = {}
    for place in range(start, end):
        key = keys[place]
        places[key] = -1 if key in places else place
    return places


def _between(window: Window, pairs: list[tuple[int, int]]) -> list[Window]:
    edges = [(window.old_start - 1, window.new_start - 1), *pairs, (window.old_end, window.new_end)]
    return [
        Window(a_old + 1, b_old, a_new + 1, b_new)
        for (a_old, a_new), (b_old, b_new) in itertools.pairwise(edges)
        if a_old + 1 < b_old or a_new + 1 < b_new
    ]
