"""Labels for the comparison as a whole: expansion, cut, rewrite, timestamp only …"""

from __future__ import annotations

from collections.abc import Sequence

from store.compare.prepared import Prepared
from store.compare.significance import is_factual
from store.model import AlignedPair, Change, ChangeKind, LinkKind

# Growth and loss of words, and the share of old sentences that survive (field study, 4.3).
_EXPANSION, _CUT, _REWRITE = 1.5, 0.7, 0.4
# Fewer sentences than this make no rewrite.
_LEAST_SENTENCES = 5
# Live coverage grows by at least this many new sentences above an unchanged body.
_LIVE_GROWTH = 3
_UNCHANGED = frozenset({LinkKind.SAME, LinkKind.MOVED})


def kinds_of(
    old: Prepared, new: Prepared, alignment: Sequence[AlignedPair], changes: Sequence[Change]
) -> tuple[str, ...]:
    """The labels that hold, in a fixed order."""
    old_size, new_size = _letters(old), _letters(new)
    kept = sum(len(pair.old) for pair in alignment if pair.new)
    silent = any(
        is_factual(change.facts) and change.reason.endswith("changed without a note.")
        for change in changes
    )
    labels = {
        "timestamp_only": not changes and old.document.modified != new.document.modified,
        "headline": _has(changes, ChangeKind.HEADLINE),
        "byline": _has(changes, ChangeKind.BYLINE),
        "expansion": old_size > 0 and new_size > _EXPANSION * old_size,
        "cut": old_size > 0 and new_size < _CUT * old_size,
        "rewrite": len(old.sentences) >= _LEAST_SENTENCES and kept < _REWRITE * len(old.sentences),
        "live_growth": _grew_at_the_top(alignment),
        "changed_without_note": silent,
        "changed_with_note": any(change.declared_by is not None for change in changes),
    }
    return tuple(name for name, holds in labels.items() if holds)


def significance_of(changes: Sequence[Change]) -> float:
    """That of the most significant change; 0 without changes."""
    return max((change.significance for change in changes), default=0.0)


def _has(changes: Sequence[Change], kind: ChangeKind) -> bool:
    return any(change.kind is kind for change in changes)


def _letters(side: Prepared) -> int:
    return sum(map(len, side.keys))


def _grew_at_the_top(alignment: Sequence[AlignedPair]) -> bool:
    """New sentences first, then nothing but what stood there before."""
    added = 0
    while added < len(alignment) and alignment[added].kind is LinkKind.ADDED:
        added += 1
    rest = alignment[added:]
    return added >= _LIVE_GROWTH and bool(rest) and all(pair.kind in _UNCHANGED for pair in rest)
