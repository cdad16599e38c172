"""The NewsEdits 2.0 family of a change: factual, stylistic or narrative.

Whether an edit without a typed fact says something new is decided by a small linear model over
the words that differ; its weights are data, fitted on human labels (see weights.toml).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from store.compare.features import words_of
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.significance import FACTUAL, NOTE_KINDS, weights
from store.compare.words import WordDiff
from store.model import ChangeKind, FactChange

_CAPITALISED = re.compile(r"\b[^\W\d_a-zà-ÿ]\w+")
_DIGITS = re.compile(r"\d+")
_SOURCED = frozenset('"“„«0123456789')
# Words closer than this (0 to 100) are one word, respelled or inflected.
_SAME_WORD = 75
# More words than this on a side are not paired off one by one.
_MOST_WORDS = 60


def family_of(
    kind: ChangeKind, facts: Sequence[FactChange], words: WordDiff, language: str | None
) -> str:
    """The family of a change, from its kind, its facts and the words that differ."""
    if kind in NOTE_KINDS or any(fact.type in FACTUAL for fact in facts):
        return "factual"
    if kind is ChangeKind.MOVED:
        return "stylistic"
    if kind in {ChangeKind.ADDED, ChangeKind.REMOVED}:
        return "factual" if _SOURCED & {*words.new, *words.old} else "narrative"
    if facts and any(fact.type != "name_spelling" for fact in facts):
        return "factual"
    return "narrative" if says_something_new(facts, words, language) else "stylistic"


def says_something_new(facts: Sequence[FactChange], words: WordDiff, language: str | None) -> bool:
    """Whether the meaning of an edit changed, by the weights of the differing words."""
    table = weights()["meaning"]
    total = table["bias"] + sum(
        table[name] * value for name, value in _signs(facts, words, lexicon_of(language)).items()
    )
    return total > table["threshold"]


def _signs(facts: Sequence[FactChange], words: WordDiff, lexicon: Lexicon) -> dict[str, float]:
    old_words, new_words = {*words_of(words.old)}, {*words_of(words.new)}
    gone = {w for w in words_of(words.gone) if w not in new_words} - lexicon.small
    come = {w for w in words_of(words.come) if w not in old_words} - lexicon.small
    lone_gone, lone_come = _lone(gone, come), _lone(come, gone)
    numbers = {*_DIGITS.findall(words.old)} ^ {*_DIGITS.findall(words.new)}
    return {
        "come": math.log1p(lone_come),
        "digits": float(bool(numbers)),
        "capitals_come": math.log1p(_fresh_capitals(words.come, words.old)),
        "capitals_gone": math.log1p(_fresh_capitals(words.gone, words.new)),
        "fact": float(any(fact.type in FACTUAL for fact in facts)),
        "longer": max(0, len(words.new) - len(words.old)) / 100,
        "one_run": float(len(words.blocks) == 1),
        "only_come": float(lone_come > 0 and not lone_gone),
        "only_gone": float(lone_gone > 0 and not lone_come),
    }


def _lone(words: set[str], others: set[str]) -> int:
    """How many words have no close twin among the others."""
    if len(words) > _MOST_WORDS or len(others) > _MOST_WORDS:
        return len(words)
    return sum(
        not any(fuzz.ratio(word, other, score_cutoff=_SAME_WORD) for other in others)
        for word in words
    )


def _fresh_capitals(text: str, other: str) -> int:
    return sum(word not in other for word in _CAPITALISED.findall(text))
