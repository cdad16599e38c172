"""From links to aligned pairs: what became of every sentence, each told once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from store.compare.align import Links
from store.compare.chain import longest_chain
from store.compare.features import LONGEST, words_of
from store.model import AlignedPair, LinkKind

# Below this character ratio (0 to 1) a linked sentence counts as rewritten.
_REWRITTEN = 0.5
# A sentence went over whole when at least this share of the words that are its own did (on news
# links and drafts read again: split and merged ones keep 0.67 and more, a fifth of them less).
_WHOLE = 0.6


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
    for start, partners in sorted(links.old.items()):
        if len(partners) == 1:
            (only,) = partners
            if len(links.new[only]) == 1:
                groups.append(((start,), (only,)))
                continue
        if start not in seen:
            olds, news = _together(start, links)
            seen |= olds
            groups.append((tuple(sorted(olds)), tuple(sorted(news))))
    return groups


def _together(start: int, links: Links) -> tuple[set[int], set[int]]:
    """All sentences that hang on an old one by any chain of links."""
    olds, news, todo = {start}, set[int](), [start]
    while todo:
        for j in links.old[todo.pop()]:
            news.add(j)
            fresh = links.new[j] - olds
            olds |= fresh
            todo.extend(fresh)
    return olds, news


def _moved(
    groups: list[tuple[tuple[int, ...], tuple[int, ...]]], old: Sequence[str], new: Sequence[str]
) -> set[int]:
    """The groups outside the longest chain in order; of several such sets the shortest text."""
    starts = [news[0] for _, news in groups]
    if starts == sorted(starts):
        return set()
    sizes = [
        sum([len(old[i]) for i in olds]) + sum([len(new[j]) for j in news]) for olds, news in groups
    ]
    kept = set(longest_chain(starts, sizes))
    return {place for place in range(len(groups)) if place not in kept}


def _pair(
    group: tuple[tuple[int, ...], tuple[int, ...]],
    moved: bool,  # noqa: FBT001 - a plain fact about the group
    old: Sequence[str],
    new: Sequence[str],
) -> AlignedPair:
    olds, news = group
    if len(olds) == len(news) == 1:
        before, after = old[olds[0]], new[news[0]]
        if before == after:
            return AlignedPair(olds, news, LinkKind.MOVED, 1.0) if moved else _same(*olds, *news)
        ratio = round(_ratio(before, after), 4)
        return AlignedPair(olds, news, _edit_kind(ratio, moved), ratio)
    befores, afters = [old[i] for i in olds], [new[j] for j in news]
    ratio = round(_ratio(" ".join(befores), " ".join(afters)), 4)
    return AlignedPair(olds, news, _group_kind(befores, afters), ratio)


@lru_cache(maxsize=8192)
def _same(i: int, j: int) -> AlignedPair:
    """A sentence that stayed; kept, for every comparison needs the same ones."""
    return AlignedPair((i,), (j,), LinkKind.SAME, 1.0)


def _ratio(before: str, after: str) -> float:
    return fuzz.ratio(before[:LONGEST], after[:LONGEST]) / 100


def _edit_kind(ratio: float, moved: bool) -> LinkKind:  # noqa: FBT001
    if moved:
        return LinkKind.MOVED_EDITED
    return LinkKind.EDITED if ratio >= _REWRITTEN else LinkKind.REWRITTEN


def _group_kind(before: list[str], after: list[str]) -> LinkKind:
    """Split or merged where every sentence went over whole; absorbed where only a part did."""
    if len(before) == 1 and _is_absorbed(after, before[0]):
        return LinkKind.ABSORBED
    if len(after) == 1 and _is_absorbed(before, after[0]):
        return LinkKind.ABSORBED
    return LinkKind.MERGED if len(before) > len(after) else LinkKind.SPLIT


def _is_absorbed(pieces: list[str], whole: str) -> bool:
    """Whether one piece became the whole by an edit, and another shares but some words with it."""
    ranked = sorted(pieces, key=lambda piece: _ratio(piece, whole), reverse=True)
    if _ratio(ranked[0], whole) < _REWRITTEN:
        return False
    main, words = set(words_of(ranked[0])), set(words_of(whole))
    own = (set(words_of(piece)) - main for piece in ranked[1:])
    return any(piece and len(piece & words) < _WHOLE * len(piece) for piece in own)


def _in_reading_order(pairs: list[AlignedPair], removed: list[int]) -> tuple[AlignedPair, ...]:
    """By place in the new text; a removed sentence follows the one that stood before it."""
    ordered = sorted(pairs, key=lambda pair: pair.new[0])
    if not removed:
        return tuple(ordered)
    after: dict[int, list[AlignedPair]] = {}
    last = home = -1
    for i in removed:
        home = home if i == last + 1 else i - 1
        last = i
        after.setdefault(home, []).append(AlignedPair((i,), (), LinkKind.REMOVED, 0.0))
    result = after.get(-1, [])
    for pair in ordered:
        result.append(pair)
        for i in pair.old:
            if i in after:
                result += after[i]
    return tuple(result)
