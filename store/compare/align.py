"""Aligning sentences: which old sentence became which new one.

Exact anchors, then quick edits inside each gap, then a sparse in-order chain over scored
candidates, then edited moves, then pieces (split, merged, absorbed). Work follows what changed;
no full matrix is ever made, and a search that had to stop says so. Every step is the same with
the sides swapped.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import TypeAlias

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from store.compare.anchors import Window, find_anchors
from store.compare.chain import heaviest_chain
from store.compare.features import LONGEST, Features, Space, make_space
from store.compare.pieces import find_pieces

# A gap of up to this many pairs is searched whole by the quick pass.
_SMALL_GAP = 64
# The least character ratio (0 to 100) of the quick pass.
_QUICK = 70
# Fewer letters are no passage that came from or went to another sentence.
_PASSAGE = 12
# The least score of a pair in order, and of one that moved (best on news links, drafts read again
# and planted articles, first half; sentences replaced in place by others set the lower bound).
_IN_ORDER, _MOVED = 0.28, 0.60
# A sentence that is hardly more than what somebody said, in comparing form: in quotation marks, or
# behind a dash, as Scandinavian and Polish papers print it.
_QUOTATION = re.compile(r"""["'「『].{8,}["'」』].{0,12}|- [^\W\d_].{8,}""")
# What somebody said in one, among words of the article's own that say who.
_SAID = re.compile(r"""["「『].{8,}["」』]""")
# What the distance from the expected place (0 to 1) takes off a score: 0.05 to 0.2 do as well on
# the first half; the less, the more of a text that grew in places is found.
_DISTANCE = 0.10
# Up to this many pairs are all candidates; beyond it a pair needs a word that so many of the free
# sentences of either side have at most (4 to 24 find the same links on the first half).
_FEW_PAIRS = 64
_POSTINGS = 6
# The most candidate pairs that are scored; beyond it the comparison says so.
_MOST_PAIRS = 50_000
# Between chains of equal weight the one further up is taken, whichever side is old.
_UPWARD = 1e-9

# Old sentence, new sentence, weight.
Pair: TypeAlias = tuple[int, int, float]


@dataclass(slots=True)
class Links:
    """Links between old and new sentences, growing while the steps run."""

    old: dict[int, tuple[int, ...]] = field(default_factory=dict)
    new: dict[int, tuple[int, ...]] = field(default_factory=dict)
    capped: str | None = None

    def add(self, old: int, new: int) -> None:
        """Link two sentences that are not linked yet."""
        self.old[old] = (*self.old.get(old, ()), new)
        self.new[new] = (*self.new.get(new, ()), old)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The links as pairs of an old and a new sentence."""
        return [(i, j) for i, partners in self.old.items() for j in partners]


def align(old: Sequence[str], new: Sequence[str]) -> Links:
    """The links between two lists of sentences in comparing form. Deterministic."""
    anchors, gaps = find_anchors(old, new)
    olds, news = zip(*anchors, strict=True) if anchors else ((), ())
    links = Links(
        dict(zip(olds, zip(news, strict=True), strict=True)),
        dict(zip(news, zip(olds, strict=True), strict=True)),
    )
    if gaps:
        _link_gaps(old, new, gaps, links)
    return links


def _link_gaps(old: Sequence[str], new: Sequence[str], gaps: list[Window], links: Links) -> None:
    _exact_leftovers(old, new, gaps, links)
    edited = [
        pair
        for gap in gaps
        if 0 < gap.cells <= _SMALL_GAP
        for pair in _quick_edits(old, new, gap, links)
    ]
    old_free = [i for gap in gaps for i in gap.olds if i not in links.old]
    new_free = [j for gap in gaps for j in gap.news if j not in links.new]
    cut, put = _partial(old, new, edited)
    if not (old_free or cut) or not (new_free or put):
        return
    space = make_space(old, new, [*old_free, *cut], [*new_free, *put])
    if old_free and new_free:
        candidates = _candidates(space, old_free, new_free, links)
        _chains(space, candidates, gaps, links)
        _edited_moves(space, candidates, links)
        _exchanged_quotations(old, new, gaps, links)
    find_pieces(old, new, space, links)


def _partial(
    old: Sequence[str], new: Sequence[str], edited: Iterable[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    """The edited sentences a passage may have been cut from, and those it may be put into."""
    cut, put = [], []
    for i, j in edited:
        before, after = old[i][:LONGEST], new[j][:LONGEST]
        letters = Indel.distance(before, after)
        removed = (letters + len(before) - len(after)) // 2
        if removed >= _PASSAGE:
            cut.append(i)
        if letters - removed >= _PASSAGE:
            put.append(j)
    return cut, put


def _exact_leftovers(
    old: Sequence[str], new: Sequence[str], gaps: list[Window], links: Links
) -> None:
    """Identical sentences that no anchor took: in their own gap first, then anywhere."""
    olds = [i for gap in gaps for i in gap.olds]
    news = [j for gap in gaps for j in gap.news]
    texts, others = {old[i] for i in olds}, {new[j] for j in news}
    if max(map(len, texts | others)) > LONGEST:
        links.capped = f"Sentences of over {LONGEST} characters were compared by their beginnings."
    shared = texts & others
    if not shared:
        return
    for gap in gaps:
        if gap.cells and not shared.isdisjoint(old[gap.old_start : gap.old_end]):
            _link_equal(old, new, gap.olds, gap.news, links)
    _link_equal(old, new, olds, news, links)


def _link_equal(
    old: Sequence[str], new: Sequence[str], olds: Iterable[int], news: Iterable[int], links: Links
) -> None:
    """Identical sentences among the places given, oldest place to oldest place."""
    free: dict[str, deque[int]] = defaultdict(deque)
    for j in news:
        if j not in links.new:
            free[new[j]].append(j)
    for i in olds:
        if i not in links.old and free.get(old[i]):
            links.add(i, free[old[i]].popleft())


def _quick_edits(
    old: Sequence[str], new: Sequence[str], gap: Window, links: Links
) -> list[tuple[int, int]]:
    """Edits of a small gap: the heaviest run in order of pairs of close spelling."""
    pairs: list[Pair] = []
    new_free = [j for j in gap.news if j not in links.new]
    for i in gap.olds:
        if i in links.old:
            continue
        for j in new_free:
            ratio = fuzz.ratio(old[i][:LONGEST], new[j][:LONGEST], score_cutoff=_QUICK)
            if ratio:
                pairs.append((i, j, ratio - _QUICK + 1 - _UPWARD * (i + j)))
    run = [pairs[place] for place in heaviest_chain(pairs)] if len(pairs) > 1 else pairs
    for i, j, _ in run:
        links.add(i, j)
    return [(i, j) for i, j, _ in run]


def _candidates(
    space: Space, old_free: Sequence[int], new_free: Sequence[int], links: Links
) -> list[tuple[int, int]]:
    """Pairs of free sentences that share a rare word, capped; all pairs where they are few."""
    if len(old_free) * len(new_free) <= _FEW_PAIRS:
        return [(i, j) for i in old_free for j in new_free]
    rare = _few(space.old, old_free) & _few(space.new, new_free)
    places: dict[str, list[int]] = defaultdict(list)
    for j in new_free:
        for word in space.new[j].words & rare:
            places[word].append(j)
    found = [
        (i, j)
        for i in old_free
        for j in sorted({j for word in space.old[i].words & rare for j in places[word]})
    ]
    if len(found) > _MOST_PAIRS:
        links.capped = (
            f"Only the first {_MOST_PAIRS} candidate pairs of changed sentences were weighed."
        )
    return found[:_MOST_PAIRS]


def _few(side: dict[int, Features], places: Sequence[int]) -> set[str]:
    """The words that few of the sentences have."""
    counts = Counter(chain.from_iterable([side[place].words for place in places]))
    return {word for word, count in counts.items() if count <= _POSTINGS}


def _chains(
    space: Space, candidates: list[tuple[int, int]], gaps: list[Window], links: Links
) -> None:
    """In each gap the heaviest run in order, not crossing what the quick pass linked."""
    by_gap: dict[int, list[Pair]] = defaultdict(list)
    old_gap = {i: n for n, gap in enumerate(gaps) for i in gap.olds}
    new_gap = {j: n for n, gap in enumerate(gaps) for j in gap.news}
    for i, j in candidates:
        number = old_gap[i]
        if number == new_gap[j]:
            likeness = space.score(i, j)
            weight = likeness - _DISTANCE * _distance(i, j, gaps[number]) - _IN_ORDER
            if weight > 0:
                by_gap[number].append((i, j, weight - _UPWARD * (i + j)))
    for number, pairs in by_gap.items():
        fixed = _fixed(gaps[number], links)
        open_pairs = [pair for pair in pairs if not fixed or not _crosses(pair, fixed)]
        for place in heaviest_chain(open_pairs):
            i, j, _ = open_pairs[place]
            links.add(i, j)


def _distance(i: int, j: int, gap: Window) -> float:
    """How far a pair lies from the line through its gap, 0 to 1."""
    old_size, new_size = gap.old_end - gap.old_start, gap.new_end - gap.new_start
    size = max(old_size, new_size)
    apart = (i - gap.old_start + 0.5) / old_size - (j - gap.new_start + 0.5) / new_size
    return min(1.0, abs(apart) * size / max(4.0, size / 4))


def _fixed(gap: Window, links: Links) -> list[tuple[int, int, int]]:
    """The links a gap has on both of its sides, by old place: the place, the furthest new place
    up to it and the nearest new place from it."""
    inside = [
        (i, j)
        for i in gap.olds
        if i in links.old
        for j in links.old[i]
        if gap.new_start <= j < gap.new_end
    ]
    furthest = accumulate((j for _, j in inside), max)
    nearest = list(accumulate((j for _, j in reversed(inside)), min))
    return [
        (i, most, least)
        for (i, _), most, least in zip(inside, furthest, reversed(nearest), strict=True)
    ]


def _crosses(pair: Pair, fixed: list[tuple[int, int, int]]) -> bool:
    i, j, _ = pair
    at = bisect_left(fixed, (i,))
    return (at > 0 and fixed[at - 1][1] > j) or (at < len(fixed) and fixed[at][2] < j)


def _edited_moves(space: Space, candidates: list[tuple[int, int]], links: Links) -> None:
    """Edited sentences anywhere, best first, one to one."""
    moved: list[tuple[float, int, int, int]] = []
    for i, j in candidates:
        if i not in links.old and j not in links.new:
            likeness = space.score(i, j)
            if likeness > _MOVED:
                moved.append((likeness, -i - j, i, j))
    for _, _, i, j in sorted(moved, reverse=True):
        if i not in links.old and j not in links.new:
            links.add(i, j)


def _exchanged_quotations(
    old: Sequence[str], new: Sequence[str], gaps: Iterable[Window], links: Links
) -> None:
    """A quotation in the place of another, all else around it standing: one was rewritten."""
    for gap in gaps:
        olds = [i for i in gap.olds if i not in links.old]
        news = [j for j in gap.news if j not in links.new]
        if len(olds) != 1 or len(news) != 1:
            continue
        i, j = olds[0], news[0]
        if _are_quotations(old[i], new[j]) and _same_place(i, j, links):
            links.add(i, j)


def _are_quotations(old: str, new: str) -> bool:
    """Whether two sentences are hardly more than quotations, or the same around theirs."""
    if _QUOTATION.fullmatch(old) and _QUOTATION.fullmatch(new):
        return True
    around = _SAID.sub("", old)
    return around != old and around == _SAID.sub("", new)


def _same_place(i: int, j: int, links: Links) -> bool:
    """Whether the sentences before two are linked, or they begin their texts."""
    return (i == j == 0) or j - 1 in links.old.get(i - 1, ())
