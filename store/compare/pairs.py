"""From links to aligned pairs: what became of every sentence, each told once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rapidfuzz import fuzz

from store.compare.align import Links
from store.compare.chain import heaviest_chain
from store.compare.features import LONGEST
from store.model import AlignedPair, LinkKind

# Below this character ratio (0 to 1) a linked sentence counts as rewritten.
_REWRITTEN = 0.5
# The least letters of a sentence whose move is reported.
_MOVE_LETTERS = 20


def aligned_pairs(links: Links, old: Sequence[str], new: Sequence[str]) -> tuple[AlignedPair, ...]:
    """Every sentence of both sides in exactly one pair, in reading order of the new side."""
    groups = _groups(links)
    moved = _moved(groups, old, new)
    pairs = [_pair(group, place in moved, old, new) for place, group in enumerate(groups)]
    pairs += [
        AlignedPair((), (j,), LinkKind.ADDED, 0.0) for j in range(len(new)) if j not in links.new
    ]
    return _in_reading_order(pairs, [i for i in range(len(old)) if i not in links.old])


def _groups(links: Links) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Sentences that hang together by links, old and new ones, by first old sentence."""
    seen: set[int] = set()
    groups: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for start in sorted(links.old):
        if start in seen:
            continue
        olds, news, todo = {start}, set[int](), [start]
        while todo:
            for j in links.old[todo.pop()]:
                news.add(j)
                fresh = links.new[j] - olds
                olds |= fresh
                todo.extend(fresh)
        seen |= olds
        groups.append((tuple(sorted(olds)), tuple(sorted(news))))
    return groups


def _moved(
    groups: list[tuple[tuple[int, ...], tuple[int, ...]]], old: Sequence[str], new: Sequence[str]
) -> set[int]:
    """The groups outside the heaviest chain in order; by characters, so the shorter text moved."""
    spans = [(olds[0], news[0]) for olds, news in groups]
    if all(a[1] < b[1] for a, b in itertools.pairwise(spans)):
        return set()
    weighted = [
        (olds[0], news[0], 1.0 + sum(len(old[i]) for i in olds) + sum(len(new[j]) for j in news))
        for olds, news in groups
    ]
    kept = set(heaviest_chain(weighted))
    return {
        place
        for place, (_, news) in enumerate(groups)
        if place not in kept and sum(map(_letters, (new[j] for j in news))) >= _MOVE_LETTERS
    }


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _pair(
    group: tuple[tuple[int, ...], tuple[int, ...]],
    moved: bool,  # noqa: FBT001 - a plain fact about the group
    old: Sequence[str],
    new: Sequence[str],
) -> AlignedPair:
    olds, news = group
    before, after = " ".join(old[i] for i in olds), " ".join(new[j] for j in news)
    ratio = 1.0 if before == after else round(_ratio(before, after), 4)
    return AlignedPair(olds, news, _kind(olds, news, ratio, before == after, moved), ratio)


def _ratio(before: str, after: str) -> float:
    return fuzz.ratio(before[:LONGEST], after[:LONGEST]) / 100


def _kind(
    olds: tuple[int, ...],
    news: tuple[int, ...],
    ratio: float,
    same: bool,  # noqa: FBT001
    moved: bool,  # noqa: FBT001
) -> LinkKind:
    if len(olds) == len(news) == 1:
        if same:
            return LinkKind.MOVED if moved else LinkKind.SAME
        if moved:
            return LinkKind.MOVED_EDITED
        return LinkKind.EDITED if ratio >= _REWRITTEN else LinkKind.REWRITTEN
    return LinkKind.MERGED if len(olds) > len(news) else LinkKind.SPLIT


def _in_reading_order(pairs: list[AlignedPair], removed: list[int]) -> tuple[AlignedPair, ...]:
    """By place in the new text; a removed sentence follows the one that stood before it."""
    ordered = sorted(pairs, key=lambda pair: pair.new[0])
    if not removed:
        return tuple(ordered)
    after: dict[int, list[AlignedPair]] = {}
    homes = {i: i for pair in ordered for i in pair.old}
    home = -1
    gone = set(removed)
    for i in range(max(max(homes, default=-1), removed[-1]) + 1):
        if i in gone:
            after.setdefault(home, []).append(AlignedPair((i,), (), LinkKind.REMOVED, 0.0))
        elif i in homes:
            home = i
    result = after.get(-1, [])
    for pair in ordered:
        result.append(pair)
        for i in pair.old:
            result.extend(after.get(i, []))
    return tuple(result)
