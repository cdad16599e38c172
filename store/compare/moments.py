"""Dates and times in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from store.compare.dates import months, weekdays

# Any word character but those of scripts without blanks and Hangul, whose words run on
# beside a number.
LETTER = "[^\\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_NUMBER = re.compile(r"\d+")
_CLOCK = re.compile(
    rf"(?<!{LETTER})(?<![.,:/])(?:"
    r"(?P<h>[01]?\d|2[0-3])[:.](?P<m>[0-5]\d)(?!\d)(?::[0-5]\d)?\s?(?P<half>[ap]\.?m\b\.?)?"
    r"(?P<word>\s?(?:uhr|h\b))?"
    r"|(?P<h2>1[0-2]|0?[1-9])\s?(?P<half2>[ap]\.?m\b\.?)"
    r"|(?P<h3>[01]?\d|2[0-3])\s?(?:uhr\b|h(?:\s?(?P<m3>[0-5]\d))?\b)"
    r"|(?P<h4>[01]?\d|2[0-3])[時时點点시](?:\s?(?P<m4>[0-5]?\d)[分분])?)",
    re.IGNORECASE,
)
_NAMED_TIME = re.compile(r"\b(?:noon|midnight)\b", re.IGNORECASE)
# Before a time written with a full stop ("kl. 18.20"), which else is a decimal number.
_CLOCK_WORD = re.compile(
    r"(?:\bkl\.?|\bklok\w+|\bum|\bklo|\bore|\bgodz\.?|\bat|\bом|\bв)\s$", re.IGNORECASE
)
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
# "2021年3月4日", "3월 4일": year, month and day as far as they are told.
_CJK_DATE = re.compile(
    r"(?:(?P<y>(?:19|20)\d\d)[年년]\s?)?(?P<m>1[0-2]|0?[1-9])[月월](?:\s?(?P<d>[0-3]?\d)[日號号일])?"
)
_SLASHED = re.compile(r"(?<![\d.,/])(\d{1,2})([./])(\d{1,2})\2((?:19|20)?\d\d)(?!\d)")
_YEAR = re.compile(r"(?<![\w.,$€£/-])(?:19|20)\d\d(?![\w%]|[.,]\d|-\d)")
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
# A day beside a month, or the first and the last of some days: "9-10 May", "May 9–10".
_DAY_BEFORE = re.compile(
    r"(?<![\w.,:/-])([0-3]?\d)(?:st|nd|rd|th|er|º|\.)?"
    r"(?:\s?[-–]\s?([0-3]?\d)(?:st|nd|rd|th|º|\.)?)?[\s-](?:of\s|de\s)?$"
)
_DAY_AFTER = re.compile(
    r"\.?\s([0-3]?\d)(?:st|nd|rd|th)?"
    r"(?:\s?[-–]\s?([0-3]?\d)(?:st|nd|rd|th)?(?![\w-]|[.,]\d|\s?%))?"
    r"(?!\w|[.,]\d|\s?%|\s\d)"
)
_LONGEST_DAYS = 16
_YEAR_AFTER = re.compile(r"\.?[\s,-]{1,2}(?:de\s|del\s|do\s)?((?:19|20)\d\d)\b")
# Words before which a bare month name is a date even where it is another word too ("may").
_MONTH_LEADS = frozenset(
    [
        "in",
        "last",
        "since",
        "until",
        "this",
        "next",
        "of",
        "by",
        "early",
        "mid",
        "late",
        "im",
        "seit",
        "en",
        "em",
        "i",
        "sedan",
    ]
)
_DOUBTFUL = frozenset(["may", "march", "mars", "mai", "maj", "maart", "set"])
_NAMED_TIMES = frozenset({"noon", "midnight"})
# Shorter names are abbreviations, trusted beside a day only.
_LONG_NAME = 5


class Moment(NamedTuple):
    """A date or time: type, as worded, comparing form, and where it stands."""

    type: str
    text: str
    value: str
    start: int
    end: int
    slot: str


@lru_cache(maxsize=1)
def calendar_words() -> frozenset[str]:
    """The words of all languages without which no date or time is told in words."""
    return frozenset([*months(), *weekdays(), *_NAMED_TIMES])


def moments_of(text: str, start: int, end: int, words: set[str]) -> list[Moment]:
    """The dates, then the times between two places of a text; none overlapping.

    ``words`` are the words of the text, lower case.
    """
    numbers = [match.start() for match in _NUMBER.finditer(text, start, end)]
    found: list[Moment] = []
    named = not words.isdisjoint(calendar_words())
    sources = (
        _written(text, numbers),
        _named(text, start, end) if named else (),
        _years(text, numbers),
        _times(text, numbers),
        _named_times(text, start, end) if named else (),
    )
    for source in sources:
        for moment in source:
            if all(moment.end <= other.start or other.end <= moment.start for other in found):
                found.append(moment)
    return found


def _date(text: str, value: str, span: tuple[int, int], slot: str = "") -> Moment:
    """A date; its value is year-month-day with blanks where it does not say."""
    return Moment("date", text[span[0] : span[1]], value, *span, slot)


def _written(text: str, numbers: Sequence[int]) -> Iterator[Moment]:
    for at in numbers:
        if match := _ISO.match(text, at):
            yield _date(text, f"{match[1]}-{int(match[2])}-{int(match[3])}", match.span())
        elif match := _SLASHED.match(text, at):
            year = match[4] if len(match[4]) == 4 else f"20{match[4]}"
            yield _date(text, f"{year}-{int(match[3])}-{int(match[1])}", match.span())
        elif match := _CJK_DATE.match(text, at):
            value = f"{match['y'] or ''}-{int(match['m'])}-{int(match['d']) if match['d'] else ''}"
            yield _date(text, value, match.span())


def _years(text: str, numbers: Sequence[int]) -> Iterator[Moment]:
    for at in numbers:
        if match := _YEAR.match(text, at):
            yield _date(text, f"{match.group()}--", match.span())


def _named(text: str, start: int, end: int) -> Iterator[Moment]:
    """Dates with a month's or weekday's name in them."""
    before = ""
    for match in _WORD.finditer(text, start, end):
        name = match.group().lower().removesuffix("'s")
        if name in months():
            moment = _month(text, match, name, before)
            if moment is not None:
                yield moment
        elif name in weekdays() and (len(name) >= _LONG_NAME or not name.isascii()):
            span = (match.start(), match.start() + len(name))
            yield _date(text, f"w{weekdays()[name]}", span, "weekday")
        before = name


def _month(text: str, match: re.Match[str], name: str, before: str) -> Moment | None:
    """A month with its day and year, as far as the text gives them."""
    number, start, end = months()[name], match.start(), match.start() + len(name)
    lead = _DAY_BEFORE.search(text, max(0, start - _LONGEST_DAYS), start)
    day = lead or _DAY_AFTER.match(text, end)
    if day is not None and not 1 <= int(day[1]) <= 31:
        return None
    if day is not None:
        start, end = (lead.start(), end) if lead else (start, day.end())
    year = _YEAR_AFTER.match(text, end)
    end = year.end() if year else end
    if day is None and year is None:
        return _bare_month(text, (start, end), name, before)
    value = f"{year[1] if year else ''}-{number}-{int(day[1]) if day else ''}"
    value += f"/{int(day[2])}" if day and day[2] else ""
    return _date(text, value, (start, end))


def _bare_month(text: str, span: tuple[int, int], name: str, before: str) -> Moment | None:
    """A month alone, never a doubtful word that nothing leads in."""
    led = before in _MONTH_LEADS
    capital = text[span[0]].isupper()
    if (name in _DOUBTFUL and not (led and capital)) or (len(name) < _LONG_NAME and not led):
        return None
    return _date(text, f"-{months()[name]}-", span, "month")


def _times(text: str, numbers: Sequence[int]) -> Iterator[Moment]:
    for at in numbers:
        match = _CLOCK.match(text, at)
        value = _minutes(match, text) if match else None
        if match and value is not None:
            worded = match.group().strip()
            yield Moment("time", worded, value, match.start(), match.start() + len(worded), "")


def _named_times(text: str, start: int, end: int) -> Iterator[Moment]:
    for match in _NAMED_TIME.finditer(text, start, end):
        value = "720" if match.group().lower() == "noon" else "0"
        yield Moment("time", match.group(), value, *match.span(), "")


def _minutes(match: re.Match[str], text: str) -> str | None:
    """Minutes after midnight, or None where the sign is something else."""
    half = (match["half"] or match["half2"] or "").lower()
    dotted = match["h"] and "." in match.group()[: match.end("m") - match.start()]
    bare = dotted and not half and not match["word"]
    if bare and not _CLOCK_WORD.search(text[max(0, match.start() - 12) : match.start()]):
        return None
    hour = int(match["h"] or match["h2"] or match["h3"] or match["h4"])
    if half.startswith("p") and hour < 12:
        hour += 12
    if half.startswith("a") and hour == 12:
        hour = 0
    return str(hour * 60 + int(match["m"] or match["m3"] or match["m4"] or 0))
