"""The words that carry facts, per language, read from ``lexicon.toml`` once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's fact words, lower case; pairs are states or wordings that oppose."""

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
    status: frozenset[tuple[str, str]]
    allegations: frozenset[tuple[str, str]]
    titles: frozenset[str]
    organisations: frozenset[str]
    small: frozenset[str]


@lru_cache(maxsize=1)
def tables() -> dict[str, dict[str, str]]:
    """The file's tables as written: one per language, and what casualty words count."""
    source = resources.files("store.compare").joinpath("lexicon.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def lexicon_of(language: str | None) -> Lexicon:
    """A language's words; English ones where the language has none or is unknown."""
    code = (language or "en")[:2].lower()
    code = {"nb": "no", "nn": "no"}.get(code, code)
    table = tables().get(code) or tables()["en"]
    return Lexicon(
        language=code,
        numbers=_valued(table, "numbers"),
        magnitudes=_valued(table, "magnitudes"),
        percent=_words(table, "percent"),
        currencies=_words(table, "currencies"),
        casualties=_words(table, "casualties"),
        ages=_words(table, "ages"),
        units=_words(table, "units"),
        negators=_words(table, "negators"),
        hedges=_words(table, "hedges"),
        says=_words(table, "says"),
        status=_pairs(table, "status"),
        allegations=_pairs(table, "allegations"),
        titles=_words(table, "titles"),
        organisations=_words(table, "organisations"),
        small=_words(table, "small"),
    )


def word_set(text: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(text.split())


def _words(table: dict[str, str], name: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in table.get(name, "").split())


def _valued(table: dict[str, str], name: str) -> dict[str, float]:
    rows = (row.split("=") for row in table.get(name, "").split())
    return {word: float(value) for word, value in rows}


def _pairs(table: dict[str, str], name: str) -> frozenset[tuple[str, str]]:
    rows = (row.replace("_", " ").split("=") for row in table.get(name, "").split())
    return frozenset((first, second) for first, second in rows)
