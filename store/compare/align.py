"""Aligning sentences: which old sentence became which new one.

Exact anchors, then quick edits inside each gap, then a sparse in-order chain over scored
candidates, then edited moves, then pieces (split, merged). Work follows what changed;
no full matrix is ever made, and a search that had to stop says so.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from store.compare.anchors import Window, find_anchors
from store.compare.chain import heaviest_chain
from store.compare.features import LONGEST, Space, make_space, score
from store.compare.pieces import find_pieces

# A gap of up to this many pairs is searched whole by the quick pass.
_SMALL_GAP = 64
# The least character ratio (0 to 100) of the quick pass.
_QUICK = 70
# The least W of a pair in order, and of one that moved (field study, steps 4 and 5).
_IN_ORDER, _MOVED = 0.35, 0.60
# Rare words only: how many sentences a word may stand in to propose pairs.
_POSTINGS_LEAST, _POSTINGS_MOST, _POSTINGS_SHARE = 6, 12, 0.25
# The most candidate pairs that are scored; beyond it the comparison says so.
_MOST_PAIRS = 50_000


@dataclass(slots=True)
class Links:
    """Links between old and new sentences, growing while the steps run."""

    pairs: dict[tuple[int, int], float] = field(default_factory=dict)
    old: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    new: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    capped: str | None = None

    def add(self, old: int, new: int, weight: float) -> None:
        """Link two sentences; ``weight`` runs from 0 to 1."""
        self.pairs[old, new] = weight
        self.old[old].add(new)
        self.new[new].add(old)


def align(old: Sequence[str], new: Sequence[str]) -> Links:
    """The links between two lists of sentences in comparing form. Deterministic."""
    links = Links()
    anchors, gaps = find_anchors(old, new)
    for pair in anchors:
        links.add(*pair, 1.0)
    if gaps:
        _link_gaps(old, new, gaps, links)
    return links


def _link_gaps(old: Sequence[str], new: Sequence[str], gaps: list[Window], links: Links) -> None:
    _exact_leftovers(old, new, gaps, links)
    free = ((old[i] for gap in gaps for i in gap.olds), (new[j] for gap in gaps for j in gap.news))
    if any(len(text) > LONGEST for side in free for text in side):
        links.capped = f"Sentences of over {LONGEST} characters were compared by their beginnings."
    for gap in gaps:
        if 0 < gap.cells <= _SMALL_GAP:
            _quick_edits(old, new, gap, links)
    old_free = [i for gap in gaps for i in gap.olds if i not in links.old]
    new_free = [j for gap in gaps for j in gap.news if j not in links.new]
    if not old_free and not new_free:
        return
    old_changed, new_changed = _changed(old, new, links)
    space = make_space(old, new, [*old_free, *old_changed], [*new_free, *new_changed])
    candidates = _candidates(space, old_free, new_free, links)
    _chains(space, candidates, gaps, links)
    _edited_moves(space, candidates, links)
    find_pieces(space, links)


def _changed(old: Sequence[str], new: Sequence[str], links: Links) -> tuple[list[int], list[int]]:
    """The linked sentences whose text differs: a piece may belong to one of them."""
    edited = [(i, j) for i, j in links.pairs if old[i] != new[j]]
    return sorted({i for i, _ in edited}), sorted({j for _, j in edited})


def _exact_leftovers(
    old: Sequence[str], new: Sequence[str], gaps: list[Window], links: Links
) -> None:
    """Identical sentences that no anchor took: in their own gap first, then anywhere."""
    for gap in gaps:
        _link_equal(old, new, gap.olds, gap.news, links)
    olds = [i for gap in gaps for i in gap.olds if i not in links.old]
    _link_equal(old, new, olds, [j for gap in gaps for j in gap.news if j not in links.new], links)


def _link_equal(
    old: Sequence[str], new: Sequence[str], olds: Iterable[int], news: Iterable[int], links: Links
) -> None:
    """Identical sentences among the places given, oldest place to oldest place."""
    free: dict[str, deque[int]] = defaultdict(deque)
    for j in news:
        free[new[j]].append(j)
    for i in olds:
        if free.get(old[i]):
            links.add(i, free[old[i]].popleft(), 1.0)


def _quick_edits(old: Sequence[str], new: Sequence[str], gap: Window, links: Links) -> None:
    """Edits of a small gap: the heaviest run in order of pairs of close spelling."""
    pairs: list[tuple[int, int, float]] = []
    new_free = [j for j in gap.news if j not in links.new]
    for i in gap.olds:
        if i in links.old:
            continue
        for j in new_free:
            ratio = fuzz.ratio(old[i][:LONGEST], new[j][:LONGEST], score_cutoff=_QUICK)
            if ratio:
                pairs.append((i, j, ratio - _QUICK + 1))
    for place in heaviest_chain(pairs):
        i, j, weight = pairs[place]
        links.add(i, j, (weight + _QUICK - 1) / 100)


def _candidates(
    space: Space, old_free: Iterable[int], new_free: Sequence[int], links: Links
) -> list[tuple[int, int]]:
    """Pairs of free sentences that share a rare word, most shared weight first, capped."""
    postings: dict[str, list[int]] = defaultdict(list)
    for j in new_free:
        for word in space.new[j].words:
            postings[word].append(j)
    longest = min(_POSTINGS_MOST, max(_POSTINGS_LEAST, int(_POSTINGS_SHARE * len(new_free))))
    found: list[tuple[int, int]] = []
    for i in old_free:
        near: set[int] = set()
        for word in space.old[i].words:
            places = postings.get(word)
            if places and len(places) <= longest:
                near.update(places)
        found.extend((i, j) for j in sorted(near))
        if len(found) > _MOST_PAIRS:
            links.capped = (
                f"Only the first {_MOST_PAIRS} candidate pairs of changed sentences were weighed."
            )
            return found[:_MOST_PAIRS]
    return found


def _chains(
    space: Space, candidates: list[tuple[int, int]], gaps: list[Window], links: Links
) -> None:
    """In each gap the heaviest run in order, not crossing what the quick pass linked."""
    by_gap: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    old_gap = {i: n for n, gap in enumerate(gaps) for i in gap.olds}
    new_gap = {j: n for n, gap in enumerate(gaps) for j in gap.news}
    for i, j in candidates:
        number = old_gap[i]
        if number == new_gap[j]:
            weight = score(
                space.old[i], space.new[j], space.weights, _distance(i, j, gaps[number]), _IN_ORDER
            )
            if weight:
                by_gap[number].append((i, j, weight - _IN_ORDER))
    for number, pairs in by_gap.items():
        fixed = _fixed(gaps[number], links)
        open_pairs = [pair for pair in pairs if not _crosses(pair, fixed)]
        for place in heaviest_chain(open_pairs):
            i, j, weight = open_pairs[place]
            links.add(i, j, min(1.0, weight + _IN_ORDER))


def _distance(i: int, j: int, gap: Window) -> float:
    """How far a pair lies from the line through its gap, 0 to 1."""
    old_size, new_size = gap.old_end - gap.old_start, gap.new_end - gap.new_start
    expected = gap.new_start + (i - gap.old_start + 0.5) * new_size / old_size - 0.5
    return min(1.0, abs(j - expected) / max(4.0, new_size / 4))


def _fixed(gap: Window, links: Links) -> list[tuple[int, int]]:
    """The links a gap already has on both of its sides."""
    return [
        (i, j)
        for i in gap.olds
        if i in links.old
        for j in links.old[i]
        if gap.new_start <= j < gap.new_end
    ]


def _crosses(pair: tuple[int, int, float], fixed: list[tuple[int, int]]) -> bool:
    return any((pair[0] - i) * (pair[1] - j) < 0 for i, j in fixed)


def _edited_moves(space: Space, candidates: list[tuple[int, int]], links: Links) -> None:
    """Edited sentences anywhere, best first, one to one."""
    scored: list[tuple[float, int, int]] = []
    for i, j in candidates:
        if i not in links.old and j not in links.new:
            weight = score(space.old[i], space.new[j], space.weights, 0.0, _MOVED)
            if weight:
                scored.append((-weight, i, j))
    for weight, i, j in sorted(scored):
        if i not in links.old and j not in links.new:
            links.add(i, j, min(1.0, -weight))
