"""Facts that changed between two linked texts, typed and paired by slot.

Nothing is reported for a value that merely came or went, but for quotations, sources, doubt
and denials. Each kind is looked for only where the words that differ can hold it, so the
cost follows the change.
"""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz import fuzz

from store.compare.changed_names import changed_names
from store.compare.changed_values import changed_values
from store.compare.changed_wording import (
    changed_denials,
    changed_hedges,
    changed_opposites,
    changed_quotes,
    changed_sources,
)
from store.compare.dates import months, weekdays
from store.compare.features import LONGEST, words_of
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.words import WordDiff, diff_words
from store.model import FactChange

# Texts less alike than this (0 to 100) are two statements, not two states of one.
_ONE_STATEMENT = 45
# Where less of the longer text stays (0 to 1), only values beside the same words are paired.
_SURE = 0.5
_QUOTE_MARKS = frozenset("\"“”„«»‘’'")


def changed_facts(old: str, new: str, language: str | None) -> tuple[FactChange, ...]:
    """The typed facts that differ between an old text and the new one it became."""
    return facts_in(diff_words(old, new), language, lambda _: False)


def facts_in(
    diff: WordDiff, language: str | None, is_name: Callable[[str], bool]
) -> tuple[FactChange, ...]:
    """The same for texts whose words are compared already.

    ``is_name`` says whether the article elsewhere writes a word as a name.
    """
    old, new = diff.old, diff.new
    if min(len(old), len(new)) > LONGEST:
        return ()
    if not diff.blocks or not fuzz.ratio(old, new, score_cutoff=_ONE_STATEMENT):
        return ()
    words, sure = lexicon_of(language), diff.kept >= _SURE
    gone, come = diff.gone, diff.come
    differing = {*words_of(gone), *words_of(come)}
    held = _may_hold_values(gone + come, differing, words)
    values = changed_values(diff, words, sure=sure) if held else []
    named = sure and any(map(str.isupper, gone)) and any(map(str.isupper, come))
    names = changed_names(diff, words, is_name) if named else []
    taken = [*values, *names]
    denials = changed_denials(diff, words, taken)
    hedges = changed_hedges(diff, words) if differing & words.hedges else []
    quoted = _QUOTE_MARKS & {*old} or _QUOTE_MARKS & {*new}
    found = [
        *taken,
        *denials,
        *hedges,
        *(changed_sources(diff, words, names) if sure else ()),
        *(changed_quotes(old, new, [*taken, *denials, *hedges]) if quoted else ()),
        *changed_opposites(gone, come, words),
    ]
    return tuple(dict.fromkeys(found))


def _may_hold_values(text: str, differing: set[str], words: Lexicon) -> bool:
    if any(map(str.isdigit, text)):
        return True
    named = differing & (months().keys() | weekdays().keys())
    return bool(named or differing & words.numbers.keys() or differing & {"noon", "midnight"})
