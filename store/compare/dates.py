"""The words of the calendar in many languages, and the stamps notes carry."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from store.compare.lexicon import word_set
from store.compare.roots import fold

# Small words and marks that stand inside a stamp ("vom 3. Mai, 16 Uhr", "at 5 p.m. ET").
_PARTICLES = word_set(
    "at on of the um uhr vom am pm a.m p.m et est edt gmt utc bst ist cet cest pt pst pdt "
    "mez mesz ora ore à le du às as las h hrs de del den der dem om uur på o kl klokka "
    "klokken klockan klo kello godz hod v в г о года году saat noon midnight local time pukul "
    "heures heure horas wib wita wit jst kst ict em alle delle dell ve lúc ngày στις στη kl "
    "الساعة بتاريخ في ב בשעה בתאריך बजे को"
)

# Those of them that only lead to a date or time: they are no part of it.
_PREPOSITIONS = word_set(
    "at on of the um vom am ore le à du as às las de del den der dem om på o kl klokka klokken "
    "klockan klo kello godz v в об em alle delle dell ve lúc ngày στις στη il "
    "بتاريخ في ב בשעה בתאריך"
)

# A number with its separators and suffix. Bounded, and kept whole once it is read (the atomic
# group), so that a run of digits is not cut in ever other ways.
# An East Asian half day stands before it and a unit behind it without a blank.
_UNITS = "年月日時时分点點년월일시분"
_NUMBER = (
    r"(?>(?:午[前後]|[上下]午|오[전후]\s?)?\d{1,12}(?:[.:/h-]\d{1,12}){0,7}"
    rf"(?:st|nd|rd|th|er|º|ª|h|\s?[ap]\.?m\b)?(?:[{_UNITS}]|(?!\w)))"
)

# The letters that _NUMBER allows behind its digits, alone and together.
_SUFFIXES = word_set(
    "st nd rd th er º ª h am pm a p m 年 月 日 時 时 分 点 點 년 월 일 시 분 "
    "午前 午後 上午 下午 오전 오후"
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_RUNS = re.compile(rf"[^\W\d_{_UNITS}]{{2,}}")
_CLOCK = re.compile(
    rf"\d[:.h]\s?\d\d|\d\s?(?:[ap]\.?m\b|uhr\b|h\b)|\d[{_UNITS}]|\d[./-]\d{{1,2}}[./-]\d{{2,4}}",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    source = resources.files("store.compare").joinpath("calendar.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _numbered(table: str) -> dict[str, int]:
    """Every name of a table, in every language, with its place in the calendar from 1."""
    return {
        name: place
        for names in _tables()[table].values()
        for place, group in enumerate(names.split(), 1)
        for name in group.split("/")
    }


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """Month names of all languages, lower case, with their number."""
    return _numbered("months")


@lru_cache(maxsize=1)
def weekdays() -> dict[str, int]:
    """Weekday names of all languages, lower case, Monday being 1."""
    return _numbered("weekdays")


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w)))


@lru_cache(maxsize=1)
def stamp_pattern() -> str:
    """A pattern for a date or time as notes write them: numbers, calendar words, particles.

    Every token is atomic and followed by a sign or space that no token begins with, so there
    is one way to read a text as tokens and matching stays linear.
    """
    particle = rf"(?>(?:{alternatives(_PARTICLES)})\b)"
    strong = rf"(?:{_NUMBER}|(?>(?:{alternatives([*weekdays(), *months()])})\b))"
    gap = rf"(?:[\s,.;/|()\[\]-]{{1,4}}+|(?<=[{_UNITS}]))"
    lead = rf"(?:{gap}{particle}){{0,4}}{gap}?"
    return rf"(?:{lead}{strong}(?:{gap}(?:{strong}|{particle})){{0,14}}\.?)"


@lru_cache(maxsize=1)
def stamp() -> re.Pattern[str]:
    """The compiled stamp, to be matched at a place in normalised text."""
    return re.compile(stamp_pattern(), re.IGNORECASE)


def is_only_stamp(text: str) -> bool:
    """Whether nothing but dates, times and punctuation is left in a text."""
    runs = (fold(match.group()) for match in _RUNS.finditer(text))
    if not all(run in _pieces() or run[1:] in _pieces() for run in runs):
        return False
    return not _LETTERS.search(stamp().sub(" ", text))


def is_preposition(word: str) -> bool:
    """Whether a word only leads to a date or time ("on", "um", "le")."""
    return fold(word).rstrip(".,:") in _PREPOSITIONS


def tells_time(text: str) -> bool:
    """Whether a stamp tells a day or a time of day: a mere number does not."""
    if _CLOCK.search(text):
        return True
    names = {fold(match.group()) for match in _LETTERS.finditer(text)}
    return any(map(str.isdigit, text)) and not names.isdisjoint(months() | weekdays())


@lru_cache(maxsize=1)
def _pieces() -> frozenset[str]:
    """Every run of letters that a stamp can hold: another one settles that a text is more."""
    words = [*weekdays(), *months(), *_PARTICLES, *_SUFFIXES]
    return frozenset(run for word in words for run in re.findall(r"[^\W\d_]+", fold(word)))
