"""What kind of value a number is, told by the signs and words beside it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from store.compare.lexicon import Lexicon
from store.compare.units import MEASURES, ORDINALS, PENCE, SHARES, SIGNS, SQUARE

# A word joined to a number by a hyphen: "12-mile", "5,000-strong".
_JOINED = re.compile(r"-([^\W\d_]+)")
# Turkish tells the share before the number: "yüzde 25", "%25".
_YUZDE = re.compile(r"(?:\byüzde\s|%)$", re.IGNORECASE)
_OF = re.compile(r"\sd(?:[’']|e\s)([^\W\d_]+)", re.IGNORECASE)
# Where blanks are not written, a casualty is told within this many signs, up to a stop.
_RUN_ON_REACH = 12
_RUN_ON_STOP = re.compile(r"[、。，；！？,.;!?]")
# How many words around a number may tie it to a casualty, and what cuts the tie.
_REACH = 4
_STOP = re.compile(
    r"[;:.!?()\"“”]|,\s|\b(?:where|which|that|when|while|because|if|wo|où|donde|der|die|das)\b"
)
_AGE_TAIL = re.compile(
    r"-years?-old|-?jährig|-åring|-jarige|-årig|\sår\sgam(?:mel|le|mal)|\syears?\sold",
    re.IGNORECASE,
)
_AGE_LEAD = re.compile(r"\b(?:aged|age|edad de|âgée?s? de)\s$", re.IGNORECASE)
# "Smith, 34, said": a number alone between commas after a word.
_APPOSITION = re.compile(r"[^\W\d_]{2},\s$")
_OLDEST = 115

# The words behind a number, nearest first: lower case, where they begin and end.
Near = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed value: as worded, in comparing form, and where it stands.

    ``slot`` says what is counted or measured; ``weak`` marks values that are only
    facts when another one takes their place ("one", "a first").
    """

    type: str
    text: str
    value: str
    start: int
    end: int
    slot: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its words and where they start, for looking around a number."""

    text: str
    words: Lexicon
    tokens: tuple[tuple[str, int, int], ...]
    starts: tuple[int, ...]

    def after(self, end: int) -> tuple[tuple[str, int, int], ...]:
        """The next words behind a place, up to the sign that cuts a tie."""
        first = bisect_left(self.starts, end)
        near = self.tokens[first : first + _REACH + 2]
        stop = _STOP.search(self.text, end, near[-1][1]) if near else None
        return tuple(token for token in near if token[1] < stop.end()) if stop else near

    def before(self, start: int) -> tuple[tuple[str, int, int], ...]:
        """The words before a place, nearest first."""
        last = bisect_left(self.starts, start)
        return self.tokens[max(0, last - _REACH) : last][::-1]


@dataclass(frozen=True, slots=True)
class Number:
    """A number on its way to a type: its value, its place and the signs written with it."""

    value: float
    start: int
    end: int
    currency: str = ""
    suffix: str = ""


def typed(number: Number, reading: Reading) -> Fact:
    """A number with its type, decided from the signs and words beside it."""
    near = reading.after(number.end)
    return (
        _signed(number, reading, near)
        or _measured(number, reading, near)
        or _counted(number, reading, near)
    )


def _word_at(
    number: Number, reading: Reading, near: Near, listed: Collection[str]
) -> tuple[str, int]:
    """The word or two right behind a number, if listed, and where they end."""
    if runs_on(number, reading):
        blank = reading.text[number.end : number.end + 1] == " "
        word = longest_at(reading.text, number.end + blank, listed)
        return word, number.end + (blank + len(word) if word else 0)
    if near and near[0][0] in listed:
        return near[0][0], near[0][2]
    if len(near) > 1 and (two := f"{near[0][0]} {near[1][0]}") in listed:
        return two, near[1][2]
    return "", number.end


def _signed(number: Number, reading: Reading, near: Near) -> Fact | None:
    """A share or an amount of money, where a sign or word beside the number says so."""
    words, suffix = reading.words, number.suffix
    word, end = _word_at(number, reading, near, words.percent)
    if word or suffix in SHARES:
        return make_fact("percent", number, reading, end, "%")
    if words.language == "tr" and (lead := _YUZDE.search(reading.text, 0, number.start)):
        return make_fact("percent", replace(number, start=lead.start()), reading, number.end, "%")
    sign = number.currency or (suffix if suffix in SIGNS else "")
    if sign or (suffix in PENCE and words.language == "en"):
        return make_fact("money", number, reading, number.end, sign or suffix)
    word, end = _word_at(number, reading, near, words.currencies)
    if not word:
        word, end = _after_preposition(number, reading)
    return make_fact("money", number, reading, end, word) if word else None


def _after_preposition(number: Number, reading: Reading) -> tuple[str, int]:
    """The currency behind "de" and its kin: "2,1 milliards d'euros", "3 millones de dólares"."""
    match = _OF.match(reading.text, number.end)
    word = match[1].lower() if match else ""
    return (word, match.end()) if match and word in reading.words.currencies else ("", number.end)


def runs_on(number: Number, reading: Reading) -> bool:
    """Whether the words behind a number follow it without a blank."""
    return reading.words.unspaced or reading.text[number.end : number.end + 1] >= "\u3040"


def _measured(number: Number, reading: Reading, near: Near) -> Fact | None:
    """An age or a measure with its unit."""
    if _is_age(number, reading, near):
        return make_fact("age", number, reading, number.end, "")
    if number.suffix in MEASURES or number.suffix.startswith("°"):
        return make_fact("quantity", number, reading, number.end, number.suffix)
    units = reading.words.units
    joined = _JOINED.match(reading.text, number.end)
    if joined and joined[1].lower() in units:
        return make_fact("quantity", number, reading, joined.end(), joined[1])
    if runs_on(number, reading):
        unit, end = _word_at(number, reading, near, units)
        return make_fact("quantity", number, reading, end, unit) if unit else None
    word, _, end = near[len(near) > 1 and near[0][0] in SQUARE] if near else ("", 0, 0)
    if word in units and near[0][1] - number.end <= 2:
        return make_fact("quantity", number, reading, end, word)
    return None


def _counted(number: Number, reading: Reading, near: Near) -> Fact:
    """An ordinal, a count of casualties, or a plain number."""
    if number.suffix in ORDINALS:
        return make_fact("number", number, reading, number.end, "ordinal")
    joined = _JOINED.match(reading.text, number.end)
    if joined:
        return make_fact("number", number, reading, number.end, joined[1].lower())
    casualty = _casualty(number, reading, near)
    kind = "casualty_count" if casualty else "number"
    return make_fact(kind, number, reading, number.end, casualty or (near[0][0] if near else ""))


def make_fact(kind: str, number: Number, reading: Reading, end: int, slot: str) -> Fact:
    """A value as worded from where its number begins to ``end``."""
    text = reading.text[number.start : end].strip()
    return Fact(kind, text, f"{number.value:.10g}", number.start, end, slot)


def _is_age(number: Number, reading: Reading, near: Near) -> bool:
    if not 0 < number.value < _OLDEST or number.value != int(number.value):
        return False
    text, start, end = reading.text, number.start, number.end
    behind = [token[0] for token in near[:3]]
    told = {" ".join(behind[:size]) for size in (1, 2, 3)} & reading.words.ages
    if told or _AGE_TAIL.match(text, end):
        return True
    before = text[max(0, start - 12) : start]
    if _AGE_LEAD.search(before):
        return True
    between = _APPOSITION.search(before) and text[end : end + 1] == ","
    return bool(between) and number.value >= 5 and not number.suffix


def _casualty(number: Number, reading: Reading, near: Near) -> str:
    """The casualty word a number is tied to, nearest first, or nothing."""
    words = reading.words
    if runs_on(number, reading):
        return _run_on_casualty(number, reading)
    for place, (word, _, _) in enumerate(near[: _REACH + 1]):
        if word in words.casualties:
            return word
        if place + 1 < len(near) and (two := f"{word} {near[place + 1][0]}") in words.casualties:
            return two
        if place and (word[0].isdigit() or word in words.numbers):
            break
    for word, _, end in reading.before(number.start):
        if _STOP.search(reading.text[end : number.start]) or word[0].isdigit():
            break
        if word in words.casualties:
            return word
    return ""


def _run_on_casualty(number: Number, reading: Reading) -> str:
    """The same where no blanks part the words: within a few signs behind or before."""
    text = reading.text
    behind = _RUN_ON_STOP.split(text[number.end : number.end + _RUN_ON_REACH], maxsplit=1)[0]
    before = _RUN_ON_STOP.split(text[max(0, number.start - _RUN_ON_REACH) : number.start])[-1]
    for near in (behind, before):
        found = [word for word in reading.words.casualties if word in near]
        if found:
            return min(found, key=lambda word: (near.index(word), -len(word)))
    return ""


def longest_at(text: str, at: int, listed: Iterable[str]) -> str:
    """The longest of the words that stands at a place of a text without blanks."""
    found = (word for word in listed if text.startswith(word, at))
    return max(found, key=len, default="")
