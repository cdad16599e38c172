"""From links to aligned pairs: what became of every sentence, each told once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TypeAlias

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

# Old and new sentences that hang together by links.
Group: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


def aligned_pairs(links: Links, old: Sequence[str], new: Sequence[str]) -> tuple[AlignedPair, ...]:
    """Every sentence of both sides in exactly one pair, in reading order of the new side."""
    groups = _groups(links)
    moved = _moved(groups, old, new)
    pairs = [
        _same(olds, news)
        if len(olds) == len(news) == 1 and old[olds[0]] == new[news[0]] and news not in moved
        else _pair(olds, news, news in moved, old, new)
        for olds, news in groups
    ]
    if len(links.new) < len(new):
        added = (j for j in range(len(new)) if j not in links.new)
        pairs += [AlignedPair((), (j,), LinkKind.ADDED, 0.0) for j in added]
    pairs.sort(key=attrgetter("new"))
    if len(links.old) < len(old):
        return _with_removed(pairs, [i for i in range(len(old)) if i not in links.old])
    return tuple(pairs)


def _groups(links: Links) -> list[Group]:
    """Sentences that hang together by links, by first old sentence."""
    seen: set[int] = set()
    groups: list[Group] = []
    for start, news in sorted(links.old.items()):
        olds = links.new[news[0]]
        if len(news) == len(olds) == 1:
            groups.append((olds, news))
        elif start not in seen:
            groups.append(_together(start, links))
            seen.update(groups[-1][0])
    return groups


def _together(start: int, links: Links) -> Group:
    """All sentences that hang on an old one by any chain of links."""
    olds, news, todo = {start}, set[int](), [start]
    while todo:
        for j in links.old[todo.pop()]:
            news.add(j)
            fresh = {*links.new[j]} - olds
            olds |= fresh
            todo.extend(fresh)
    return tuple(sorted(olds)), tuple(sorted(news))


def _moved(groups: Sequence[Group], old: Sequence[str], new: Sequence[str]) -> set[tuple[int, ...]]:
    """The new sides of groups outside the longest chain in order; of several such sets the
    shortest text."""
    starts = [news[0] for _, news in groups]
    due = sorted(starts)
    if starts == due:
        return set()
    astray = [place for place, start in enumerate(starts) if start != due[place]]
    # What stands before and behind all that is astray is in order whatever moved.
    span = slice(astray[0], astray[-1] + 1)
    sizes = [_size(olds, news, old, new) for olds, news in groups[span]]
    kept = {*longest_chain(starts[span], sizes)}
    return {news for place, (_, news) in enumerate(groups[span]) if place not in kept}


def _size(
    olds: tuple[int, ...], news: tuple[int, ...], old: Sequence[str], new: Sequence[str]
) -> int:
    """The letters of a group's sentences."""
    if len(olds) == len(news) == 1:
        return len(old[olds[0]]) + len(new[news[0]])
    return sum([len(old[i]) for i in olds]) + sum([len(new[j]) for j in news])


def _pair(
    olds: tuple[int, ...],
    news: tuple[int, ...],
    moved: bool,  # noqa: FBT001 - a plain fact about the group
    old: Sequence[str],
    new: Sequence[str],
) -> AlignedPair:
    """The pair of a group that did not stay as it was."""
    if len(olds) == len(news) == 1:
        before, after = old[olds[0]], new[news[0]]
        if before == after:
            return AlignedPair(olds, news, LinkKind.MOVED, 1.0)
        ratio = round(_ratio(before, after), 4)
        return AlignedPair(olds, news, _edit_kind(ratio, moved), ratio)
    befores, afters = [old[i] for i in olds], [new[j] for j in news]
    ratio = round(_ratio(" ".join(befores), " ".join(afters)), 4)
    return AlignedPair(olds, news, _group_kind(befores, afters), ratio)


@lru_cache(maxsize=8192)
def _same(olds: tuple[int, ...], news: tuple[int, ...]) -> AlignedPair:
    """A sentence that stayed; kept, for every comparison needs the same ones."""
    return AlignedPair(olds, news, LinkKind.SAME, 1.0)


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


def _with_removed(pairs: list[AlignedPair], removed: list[int]) -> tuple[AlignedPair, ...]:
    """The pairs and the removed sentences, each behind the one that stood before it."""
    after: dict[int, list[AlignedPair]] = {}
    last = home = -1
    for i in removed:
        home = home if i == last + 1 else i - 1
        last = i
        after.setdefault(home, []).append(AlignedPair((i,), (), LinkKind.REMOVED, 0.0))
    result = after.get(-1, [])
    for pair in pairs:
        result.append(pair)
        for i in pair.old:
            if i in after:
                result += after[i]
    return tuple(result)
