"""Whose picture it is: cut off captions, since it says nothing of the story and changes alone."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources

_TAIL = 200  # letters at the end of a caption in which a credit is looked for
_MOST_CUTS = 4


@lru_cache(maxsize=4096)
def without_credit(text: str) -> str:
    """A caption without its credits, and without a label or number in front of it.

    Empty where there was nothing else.
    """
    for pattern in _cuts("start"):
        text = pattern.sub("", text, count=1)
    for _ in range(_MOST_CUTS):
        shorter = _cut_once(text)
        if shorter == text:
            break
        text = shorter
    return text


def _cut_once(text: str) -> str:
    """A text without the first credit found at its end."""
    before = max(0, len(text) - _TAIL)
    for pattern in _cuts("end"):
        match = pattern.search(text[before:])
        if match:
            return text[: before + match.start()].rstrip(" |/–—-,;(（[")
    return text


@lru_cache(maxsize=2)
def _cuts(where: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of credits.toml for the end or the start of a caption."""
    text = resources.files("crawler.extract").joinpath("credits.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    rows = [pattern for row in data["cut"] if row["where"] == where for pattern in row["patterns"]]
    lead = "^" if where == "start" else ""
    return tuple(re.compile(lead + _filled(row, data["words"]), re.IGNORECASE) for row in rows)


def _filled(pattern: str, words: dict[str, str]) -> str:
    for word, meaning in words.items():
        pattern = pattern.replace(word, meaning)
    return pattern
