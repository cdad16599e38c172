"""Whether an edit changed the meaning: a linear model over general signs of the words that differ.

Its weights are data (``[meaning]`` in weights.toml), fitted on human labels by
``benchmarks/fit_meaning.py``, which also says how well it does on articles it has not seen.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from rapidfuzz import fuzz

from store.compare.features import LONGEST
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.significance import CERTAIN, FACTUAL, is_factual, weights
from store.compare.values import values_of
from store.compare.words import WordDiff
from store.model import FactChange

_CAPITALISED = re.compile(r"\b[^\W\d_a-zà-ÿ]\w+")
_DIGITS = re.compile(r"\d+")
# Words closer than this (0 to 100) are one word, respelled or inflected.
_SAME_WORD = 75
# More words than this on a side are not paired off one by one.
_MOST_WORDS = 60


def meaning_changed(facts: Sequence[FactChange], words: WordDiff, language: str | None) -> bool:
    """Whether an edit says something else, and does not only say it otherwise.

    A value or a name that changed is enough; words inside a quotation are weighed like others.
    """
    if is_factual(fact for fact in facts if fact.type in CERTAIN):
        return True
    table, lexicon = weights()["meaning"], lexicon_of(language)
    found = _cheap_signs(facts, words, lexicon)
    total = table["bias"] + sum([table[name] * value for name, value in found.items()])
    least, most = sorted((total, total + table["digits_come"]))
    if least > table["threshold"] or most <= table["threshold"]:
        return least > table["threshold"]
    return total + table["digits_come"] * _number_came(words, lexicon) > table["threshold"]


def signs(facts: Sequence[FactChange], words: WordDiff, language: str | None) -> dict[str, float]:
    """What the model looks at, by the names that its weights have."""
    lexicon = lexicon_of(language)
    came = {"digits_come": float(_number_came(words, lexicon))}
    return _cheap_signs(facts, words, lexicon) | came


def _cheap_signs(
    facts: Sequence[FactChange], words: WordDiff, lexicon: Lexicon
) -> dict[str, float]:
    """All signs but the one for which both texts have to be read for values."""
    gone, come = _own(words, lexicon)
    capitals = _CAPITALISED.findall(words.come)
    return {
        "words_gone": math.log1p(len(words.gone_words)),
        "words_come": math.log1p(len(words.come_words)),
        "gone": math.log1p(gone),
        "only_come": float(come > 0 and not gone),
        "inserted": math.log1p(_longest_insertion(words)),
        "longer": math.log1p(max(0, len(words.new) - len(words.old))),
        "capitals_come": math.log1p(sum([word not in words.old for word in capitals])),
        "fact": float(any(fact.type in FACTUAL for fact in facts)),
    }


def _number_came(words: WordDiff, lexicon: Lexicon) -> bool:
    """Whether a number came that is no old one written otherwise ("3" for "three")."""
    fresh = {*_DIGITS.findall(words.new)} - {*_DIGITS.findall(words.old)}
    if not fresh:
        return False
    old, new = (values_of(text[:LONGEST], lexicon) for text in (words.old, words.new))
    read = {digits for value in new for digits in _DIGITS.findall(value.text)}
    same = Counter((v.type, v.value) for v in old) == Counter((v.type, v.value) for v in new)
    return not (same and fresh <= read)


def _own(words: WordDiff, lexicon: Lexicon) -> tuple[int, int]:
    """How many content words stand on one side only, with no close twin among the others."""
    lost = {*words.gone_words} - words.new_words - lexicon.small
    won = {*words.come_words} - words.old_words - lexicon.small
    return _lone(lost, won), _lone(won, lost)


def _lone(words: set[str], others: set[str]) -> int:
    if len(words) > _MOST_WORDS or len(others) > _MOST_WORDS:
        return len(words)
    return sum(
        not any(fuzz.ratio(word, other, score_cutoff=_SAME_WORD) for other in others)
        for word in words
    )


def _longest_insertion(words: WordDiff) -> int:
    """The words of the longest run that was put in where nothing went."""
    return max(
        (
            len(words.new[block.new_start : block.new_end].split())
            for block in words.blocks
            if not words.old[block.old_start : block.old_end].strip()
        ),
        default=0,
    )
