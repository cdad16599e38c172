"""Facts that changed between two linked texts, typed and paired by slot.

Nothing is reported for a value that merely came or went, but for quotations, sources, doubt
and denials. Each kind is looked for only where the words that differ can hold it, so the
cost follows the change.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rapidfuzz import fuzz

from store.compare.changed_names import changed_names
from store.compare.changed_values import changed_values
from store.compare.changed_wording import (
    changed_datelines,
    changed_denials,
    changed_hedges,
    changed_opposites,
    changed_quotes,
    changed_sources,
    is_told,
)
from store.compare.features import LONGEST
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.moments import calendar_words
from store.compare.words import WordDiff, diff_words
from store.model import FactChange

# Texts less alike than this (0 to 100) are two statements, not two states of one.
_ONE_STATEMENT = 45
# Where less of the longer text stays (0 to 1), only values beside the same words are paired.
_SURE = 0.5
_QUOTE_MARKS = re.compile("[\"“”„«»‘’'「『]")
_DIGIT = re.compile(r"\d")


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
    if not diff.blocks or min(len(old), len(new)) > LONGEST:
        return ()
    kept = diff.kept
    if kept < _SURE and not fuzz.ratio(old, new, score_cutoff=_ONE_STATEMENT):
        return ()
    words, sure, gone, come = lexicon_of(language), kept >= _SURE, diff.gone, diff.come
    differing = {*diff.gone_words, *diff.come_words}
    valued = _holds_value(gone, diff.gone_words, words)
    valued = valued and _holds_value(come, diff.come_words, words)
    values = changed_values(diff, words, sure=sure) if valued else []
    named = sure and _has_capital(gone) and _has_capital(come)
    names = changed_names(diff, words, is_name) if named else []
    taken = [*values, *names]
    denials = changed_denials(diff, words, taken) if differing & words.denying else []
    hedges = changed_hedges(diff, words) if differing & words.hedges else []
    quoted = _QUOTE_MARKS.search(old) or _QUOTE_MARKS.search(new)
    own = differing.union(diff.old_words)
    said = diff.kept_of_shorter >= _SURE and not own.isdisjoint(words.source_cues)
    sources = changed_sources(diff, words, names, own, quoted=bool(quoted)) if said else []
    names = [name for name in names if not is_told(name, sources)]
    quotes = changed_quotes(diff, [*taken, *denials, *hedges]) if quoted and differing else []
    opposites = changed_opposites(gone, come, words) if differing & words.opposing else []
    lines = changed_datelines(diff)
    found = [*lines, *values, *names, *denials, *hedges, *sources, *quotes, *opposites]
    return tuple(dict.fromkeys(found))


def _has_capital(text: str) -> bool:
    return text != text.lower()


def _holds_value(text: str, own: tuple[str, ...], words: Lexicon) -> bool:
    """Whether words that differ can be of a value: a digit, a number, a unit, a calendar word."""
    if _DIGIT.search(text) or words.unspaced:
        return True
    return not (words.valued.isdisjoint(own) and calendar_words().isdisjoint(own))
