"""The words that decide whether a full stop ends a sentence, per language, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words that decide about a stop.

    ``never`` are abbreviations that end no sentence, ``numbered`` those that are one before
    a number only, ``either`` those that end one where a ``starter`` follows, ``last`` those
    that end one where any capital follows; ``speech`` are verbs that carry a quotation on,
    ``listed`` all abbreviations together.
    """

    language: str
    never: frozenset[str]
    numbered: frozenset[str]
    either: frozenset[str]
    last: frozenset[str]
    starters: frozenset[str]
    speech: tuple[str, ...]
    ordinals: bool
    months: frozenset[str]
    listed: frozenset[str]


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, str]]:
    return tomllib.loads(
        resources.files("store").joinpath("abbreviations.toml").read_text(encoding="utf-8")
    )


@lru_cache(maxsize=64)
def words_of(language: str) -> Words:
    """The words of a language, of English where none is named; every one has those of "all"."""
    data = _data()
    code = {"nb": "no", "nn": "no"}.get(language, language or "en")
    own, every, ordinals = data.get(code, {}), data["all"], data["ordinals"]

    def both(name: str) -> frozenset[str]:
        return frozenset(f"{every.get(name, '')} {own.get(name, '')}".split())

    never, numbered, either, last = map(both, ("never", "numbered", "either", "last"))
    return Words(
        language=code,
        never=never,
        numbered=numbered,
        either=either,
        last=last,
        starters=both("starters"),
        speech=tuple(own.get("speech", "").split()),
        ordinals=code in ordinals["languages"].split(),
        months=frozenset(ordinals["months"].split()),
        listed=never | numbered | either | last,
    )


@lru_cache(maxsize=1)
def thai_links() -> tuple[str, ...]:
    """Words that carry a Thai sentence on after a space."""
    return tuple(_data()["th"]["links"].split())
