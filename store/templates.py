"""Template noise: the same passage changed under many unrelated articles of an outlet. Pure.

A donation line, a share button, a legal footer is added under every article alike: the change is
the outlet's furniture and no news of any of these articles. A wire story on three addresses that
is corrected on all three is none of that: those articles are copies of one another, and count as
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from store.compare.reasons import verdict_reason
from store.compare.significance import is_factual
from store.compare.whole import significance_of
from store.model import Change, ChangeKind, Comparison, Document, Verdict
from store.rows import number_of
from store.text import longer_words, normalise

# A passage that changed alike in so many unrelated articles of one host within the window. Two may
# be chance, and one story told twice; furniture is rolled out over days, as pages are looked at.
LEAST_ARTICLES = 3
WINDOW = timedelta(days=7)
# More articles with the passage than this are not looked at to find the few that settle it.
MOST_LOOKED_AT = 12
# Articles that share more of their longer words are copies or follow-ups of one story (as in
# store/continuity.py: other pages of one outlet stay under 0.2).
_ONE_STORY = 0.25
# An article with fewer longer words cannot be told apart from others.
_LEAST_WORDS = 12
_KINDS = frozenset(
    {
        ChangeKind.ADDED,
        ChangeKind.REMOVED,
        ChangeKind.EDITED,
        ChangeKind.REWRITTEN,
        ChangeKind.MOVED,
    }
)


def repeatable(changes: Sequence[Change]) -> dict[int, int]:
    """The places of changes that furniture could make, each with the digest of its passage.

    Never the outlet's notes or what they admit, nor the frame, nor a fact that changed its value.
    """
    return {
        place: number_of(normalise(change.old or ""), normalise(change.new or ""))
        for place, change in enumerate(changes)
        if change.kind in _KINDS
        and change.note is None
        and change.declared_by is None
        and not is_factual(change.facts)
    }


def is_template(passage: Change, articles: Iterable[Document]) -> bool:
    """Whether enough unrelated articles are among those in which a passage changed alike."""
    besides = longer_words(passage.old or "") | longer_words(passage.new or "")
    unrelated: list[set[str]] = []
    for article in articles:
        words = longer_words(article.text) - besides
        if len(words) >= _LEAST_WORDS and not any(_one_story(words, one) for one in unrelated):
            unrelated.append(words)
        if len(unrelated) >= LEAST_ARTICLES:
            return True
    return False


def without(comparison: Comparison, noise: frozenset[int]) -> Comparison:
    """A comparison as it is told: without the changes at these places.

    Where nothing is left it keeps all of them, and says why it is not told.
    """
    if not noise:
        return comparison
    left = tuple(c for place, c in enumerate(comparison.changes) if place not in noise)
    if not left:
        return replace(comparison, reason=held_reason(comparison.reason))
    return replace(
        comparison,
        changes=left,
        significance=significance_of(left),
        reason=verdict_reason(Verdict.CHANGED, left),
    )


def held_reason(reason: str) -> str:
    """Why a comparison is held back of which nothing but furniture is left."""
    return f"The same text changed in other, unrelated articles of the outlet: {reason}"


def _one_story(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= _ONE_STORY * min(len(one), len(other))
