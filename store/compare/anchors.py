"""Exact anchors: identical sentences in order, found without any similarity.

Equal heads and tails are trimmed; sentences unique on both sides of a window are
candidates; their longest increasing run anchors; the windows between are searched again.
(The idea is Bram Cohen's patience diff.) What is left between anchors are the gaps.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from store.compare.chain import longest_chain


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
        found = _unique_pairs(old, new, window) if window.cells > 2 else []
        if found:
            pairs.extend(found)
            stack.extend(_between(window, found))
        elif window.old_start < window.old_end or window.new_start < window.new_end:
            gaps.append(window)
    return _slide(old, new, sorted(pairs), sorted(gaps))


def _slide(
    old: Sequence[str], new: Sequence[str], pairs: list[tuple[int, int]], gaps: list[Window]
) -> tuple[list[tuple[int, int]], list[Window]]:
    """Gaps of one side moved down over equal sentences: of equal ones the first was there before.

    Which of them an anchor took depends on what stands around them; after this it does not.
    """
    if not any(_repeats(old, new, gap) for gap in gaps):
        return pairs, gaps
    anchors = dict(pairs)
    slid: list[Window] = []
    for gap in gaps:
        while _repeats(old, new, gap) and anchors.get(gap.old_end) == gap.new_end:
            del anchors[gap.old_end]
            anchors[gap.old_start] = gap.new_start
            gap = Window(*(edge + 1 for edge in gap))  # noqa: PLW2901 - the same gap, further down
        slid.append(gap)
    return sorted(anchors.items()), slid


def _repeats(old: Sequence[str], new: Sequence[str], gap: Window) -> bool:
    """Whether a gap of one side begins with the sentence that follows it."""
    if gap.old_start == gap.old_end:
        return gap.new_end < len(new) and new[gap.new_start] == new[gap.new_end]
    if gap.new_start == gap.new_end:
        return gap.old_end < len(old) and old[gap.old_start] == old[gap.old_end]
    return False


def _trim(
    old: Sequence[str], new: Sequence[str], window: Window, pairs: list[tuple[int, int]]
) -> Window:
    """The window without its equal head and tail, which are added to the pairs."""
    old_start, old_end, new_start, new_end = window
    most = min(old_end - old_start, new_end - new_start)
    head = tail = 0
    while head < most and old[old_start + head] == new[new_start + head]:
        head += 1
    while head + tail < most and old[old_end - 1 - tail] == new[new_end - 1 - tail]:
        tail += 1
    if not head and not tail:
        return window
    pairs += [(old_start + at, new_start + at) for at in range(head)]
    pairs += [(old_end - at, new_end - at) for at in range(1, tail + 1)]
    return Window(old_start + head, old_end - tail, new_start + head, new_end - tail)


def _unique_pairs(old: Sequence[str], new: Sequence[str], window: Window) -> list[tuple[int, int]]:
    """The longest run in order of sentences that stand once on either side of the window.

    Between runs of the same length the one with more text is taken, whichever side is old.
    """
    old_places = _places(old, window.old_start, window.old_end)
    new_places = _places(new, window.new_start, window.new_end)
    shared = [(place, new_places[key]) for key, place in old_places.items() if key in new_places]
    news = [place for _, place in shared]
    if news == sorted(news):
        return shared
    return [shared[at] for at in longest_chain(news, [len(old[place]) for place, _ in shared])]


def _places(keys: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Where each sentence stands that stands once, in order."""
    places = dict(zip(keys[start:end], range(start, end), strict=True))
    if len(places) < end - start:
        counts = Counter(keys[start:end])
        places = {key: place for key, place in places.items() if counts[key] == 1}
    return places


def _between(window: Window, pairs: list[tuple[int, int]]) -> list[Window]:
    edges = [(window.old_start - 1, window.new_start - 1), *pairs, (window.old_end, window.new_end)]
    return [
        Window(a_old + 1, b_old, a_new + 1, b_new)
        for (a_old, a_new), (b_old, b_new) in itertools.pairwise(edges)
        if a_old + 1 < b_old or a_new + 1 < b_new
    ]
