"""The words that carry facts, per language, read from ``lexicon.toml`` once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

# Languages written without blanks between words.
_UNSPACED = frozenset({"zh", "ja", "th"})
# Before a source, in any language ("according to", "d'après").
ACCORDING = frozenset(
    ("according", "laut", "selon", "après", "según", "segundo", "secondo", "volgens", "ifølge")
).union(("enligt",))
# Words for the parts of a whole; "a quarter of", "two-thirds".
FRACTIONS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
    "tenth": 10,
    "tenths": 10,
}
_VALUED = ("magnitudes", "percent", "currencies", "units")
# What belongs to a value without being one: halves of the day, the article of "a dozen".
_HALF_DAYS = frozenset({"am", "pm", "a"})
# Languages that write vowels as marks on letters.
_MARKED = frozenset({"ar", "fa", "ur", "hi", "bn", "mr", "ne", "th"})
# Words of other languages this long are hardly ever English ones too.
_LONG_WORD = 5
_PART = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's fact words, lower case; pairs are states or wordings that oppose.

    ``denying``, ``opposing`` and ``source_cues`` are the parts of words without which no
    denial, state, allegation or source can be told; ``counting`` are all words of numbers and
    parts, ``valued`` also those of units; ``unspaced`` marks a script without blanks,
    ``marked`` one with vowels that are no letters.
    """

    language: str
    numbers: dict[str, float]
    magnitudes: dict[str, float]
    percent: frozenset[str]
    currencies: frozenset[str]
    casualties: frozenset[str]
    ages: frozenset[str]
    units: frozenset[str]
    negators: frozenset[str]
    hedges: frozenset[str]
    says: frozenset[str]
    status: tuple[tuple[str, str], ...]
    allegations: tuple[tuple[str, str], ...]
    titles: frozenset[str]
    small: frozenset[str]
    denying: frozenset[str]
    opposing: frozenset[str]
    source_cues: frozenset[str]
    counting: frozenset[str]
    valued: frozenset[str]
    unspaced: bool
    marked: bool


@lru_cache(maxsize=1)
def tables() -> dict[str, dict[str, str]]:
    """The file's tables as written: one per language, and what casualty words count."""
    source = resources.files("store.compare").joinpath("lexicon.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def lexicon_of(language: str | None) -> Lexicon:
    """A language's words; English ones where the language has none or is unknown.

    Where it is unknown, the casualty words of all languages hold that no English word is
    likely to be.
    """
    code = (language or "en")[:2].lower()
    code = {"nb": "no", "nn": "no"}.get(code, code)
    table = tables().get(code) or tables()["en"]
    negators = _words(table, "negators")
    counting = frozenset([*_valued(table, "numbers"), *FRACTIONS])
    status, allegations = _pairs(table, "status"), _pairs(table, "allegations")
    return Lexicon(
        language=code,
        numbers=_valued(table, "numbers"),
        magnitudes=_valued(table, "magnitudes"),
        percent=_words(table, "percent"),
        currencies=_words(table, "currencies"),
        casualties=_words(table, "casualties") | (frozenset() if language else _casualties()),
        ages=_words(table, "ages"),
        units=_words(table, "units"),
        negators=negators,
        hedges=_words(table, "hedges"),
        says=_words(table, "says"),
        status=status,
        allegations=allegations,
        titles=_words(table, "titles"),
        small=_words(table, "small"),
        denying=_parts(negators) | {"t", "cannot"},
        opposing=_parts(word for pair in (*status, *allegations) for word in pair),
        source_cues=_words(table, "says") | ACCORDING,
        counting=counting,
        valued=counting.union(*(_words(table, name) for name in _VALUED), _HALF_DAYS),
        unspaced=code in _UNSPACED,
        marked=code in _MARKED,
    )


def _casualties() -> frozenset[str]:
    """The casualty words of all languages that are long or not written as English is."""
    words = (word for table in tables().values() for word in _words(table, "casualties"))
    return frozenset(word for word in words if len(word) >= _LONG_WORD or not word.isascii())


def word_set(text: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(text.split())


def _words(table: dict[str, str], name: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in table.get(name, "").split())


def _valued(table: dict[str, str], name: str) -> dict[str, float]:
    rows = (row.split("=") for row in table.get(name, "").split())
    return {word: float(value) for word, value in rows}


def _pairs(table: dict[str, str], name: str) -> tuple[tuple[str, str], ...]:
    rows = (row.replace("_", " ").split("=") for row in table.get(name, "").split())
    return tuple(sorted({(first, second) for first, second in rows}))


def _parts(words: Iterable[str]) -> frozenset[str]:
    """The runs of letters in words, as a text is cut into them."""
    return frozenset(part for word in words for part in _PART.findall(word))
