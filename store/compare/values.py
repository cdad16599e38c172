"""Values in a text: numbers, shares, money, casualties, ages, measures, scores, dates, times."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from store.compare.lexicon import Lexicon, word_set
from store.compare.moments import moments_of

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|%|‰")
_DIGITS = re.compile(
    r"(?<![\w.,])(?P<currency>(?:US|A|C|NZ|HK|R)?[$€£¥₹])?\s?"
    r"(?P<number>\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d{1,18}(?:[.,]\d{1,12})?)"
    r"(?P<suffix>\s?[€£$%‰](?!\w)|(?:million|billion|trillion|bn|tn|mn|km|kg|cm|mm|m|k|b)(?!\w)"
    r"|(?:st|nd|rd|th)(?!\w)|(?=[^\w]|$))"
)
_MAGNITUDES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "tn": 1e12,
}
_MEASURES = frozenset({"km", "kg", "cm", "mm", "m"})
_SCORE = re.compile(r"(?<![\w.,/-])(\d{1,3})\s?[-–:]\s?(\d{1,3})(?![\w/-]|[.,:]\d)")
_SCORE_WORDS = re.compile(
    r"\b(?:w[io]n|wins|beat|beats|beating|los[et]|loss|draw|drew|defeat\w*|victory|goals?|match|"
    r"game|scored?|half-time|leads?|led|votes?|voted|gewann|siegte?|verlor|tor|spiel|gagné|perdu|"
    r"battu|ganó|perdió|empat\w+|venceu|vinto|won|wint|slo|seier|vant|vann|kamp)\b",
    re.IGNORECASE,
)
# How many words around a number may tie it to a casualty, and what cuts the tie.
_REACH = 4
_STOP = re.compile(
    r"[;:.!?()\"“”]|,\s|\b(?:where|which|that|when|while|because|if|wo|où|donde|der|die|das)\b",
    re.IGNORECASE,
)
# "20m cases" counts millions, "20m long" metres.
_PLURAL = re.compile(r"\s(?!years|across|plus)[a-z]{3,}s\b")
_AGE_TAIL = re.compile(
    r"-years?-old|-?jährig|-åring|-jarige|-årig|\sår\sgam(?:mel|le|mal)|\syears?\sold",
    re.IGNORECASE,
)
_AGE_LEAD = re.compile(r"\b(?:aged|age|edad de|âgée?s? de)\s$", re.IGNORECASE)
# "Smith, 34, said": a number alone between commas after a word.
_APPOSITION = re.compile(r"[^\W\d_]{2},\s$")
_OLDEST = 115
# What a plural of magnitude can stand for: "dozens" may turn out to be 34.
ROUND_PLURALS = {
    "dozens": (20, 250),
    "scores": (35, 250),
    "hundreds": (150, 10_000),
    "thousands": (1_500, 1_000_000),
    "millions": (1_500_000, 1_000_000_000),
}
_ORDINALS = word_set("first second third fourth fifth sixth seventh eighth ninth tenth st nd rd th")
_VAGUE = word_set(
    "first second third half twice dozens hundreds thousands millions miles cientos en et "
    "un une uno una ein eine een um uma"
)


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
class _Reading:
    """A text with its words and where they start, for looking around a number."""

    text: str
    words: Lexicon
    tokens: tuple[tuple[str, int, int], ...]
    starts: tuple[int, ...]

    def after(self, end: int) -> tuple[tuple[str, int, int], ...]:
        """The next words behind a place, up to the sign that cuts a tie."""
        first = bisect_left(self.starts, end)
        near = self.tokens[first : first + _REACH + 2]
        return tuple(token for token in near if not _STOP.search(self.text[end : token[1]]))

    def before(self, start: int) -> tuple[tuple[str, int, int], ...]:
        """The words before a place, nearest first."""
        last = bisect_left(self.starts, start)
        return self.tokens[max(0, last - _REACH) : last][::-1]


@dataclass(frozen=True, slots=True)
class _Number:
    """A number on its way to a type: its value, its place and the signs written with it."""

    value: float
    start: int
    end: int
    currency: str = ""
    suffix: str = ""


def values_of(text: str, words: Lexicon) -> list[Fact]:
    """The values in a text, in order, none overlapping."""
    found = [Fact(*moment) for moment in moments_of(text)]
    for fact in (*_scores(text), *_numbers(text, words)):
        if all(fact.end <= other.start or other.end <= fact.start for other in found):
            found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def _scores(text: str) -> Iterator[Fact]:
    if not _SCORE_WORDS.search(text):
        return
    for match in _SCORE.finditer(text):
        yield Fact("score", match.group(), f"{match[1]}-{match[2]}", *match.span())


def _numbers(text: str, words: Lexicon) -> Iterator[Fact]:
    tokens = tuple((m.group().lower(), m.start(), m.end()) for m in _WORD.finditer(text))
    reading = _Reading(text, words, tokens, tuple(token[1] for token in tokens))
    for match in _DIGITS.finditer(text):
        yield _typed(_written(match, reading), reading)
    yield from _number_words(reading)


def _written(match: re.Match[str], reading: _Reading) -> _Number:
    """A number in digits, the magnitude behind it counted in."""
    value, end = parse_number(match["number"]), match.end()
    start = match.start("currency") if match["currency"] else match.start("number")
    suffix, currency = match["suffix"].strip(), match["currency"] or ""
    counted = suffix == "m" and _PLURAL.match(reading.text, end)
    if suffix in _MAGNITUDES and (currency or counted or suffix not in {"m", "b"}):
        return _Number(value * _MAGNITUDES[suffix], start, end, currency)
    after = reading.after(end)
    if after and after[0][0] in reading.words.magnitudes and after[0][1] - end <= 2:
        value *= reading.words.magnitudes[after[0][0]]
        end = after[0][2]
    return _Number(value, start, end, currency, suffix)


def parse_number(text: str) -> float:
    """A number with separators of either habit: "1,234.5", "1.234,5", "12 500", "3,5"."""
    plain = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    if "," in plain and "." in plain:
        decimal = max(plain.rfind(","), plain.rfind("."))
        whole = re.sub("[.,]", "", plain[:decimal])
        return float(f"{whole}.{plain[decimal + 1 :]}")
    parts = re.split("[.,]", plain)
    thousands = len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] != "0"
    if thousands or len(parts) > 2:
        return float("".join(parts))
    return float(".".join(parts))


def _typed(number: _Number, reading: _Reading) -> Fact:
    """A number with its type, decided from the signs and words beside it."""
    near = reading.after(number.end)
    return _signed(number, reading, near) or _counted(number, reading, near)


def _signed(
    number: _Number, reading: _Reading, near: tuple[tuple[str, int, int], ...]
) -> Fact | None:
    """A share or an amount of money, where a sign or word beside the number says so."""
    words = reading.words
    first = near[0][0] if near else ""
    two = f"{first} {near[1][0]}" if len(near) > 1 else ""
    end = number.end
    if first in words.percent or first in words.currencies:
        end = near[0][2]
    elif two in words.percent:
        end = near[1][2]
    if number.suffix in {"%", "‰"} or first in words.percent or two in words.percent:
        return _fact("percent", number, reading, end, "%")
    sign = number.currency or (number.suffix if number.suffix in {"€", "£", "$"} else "")
    if sign or first in words.currencies:
        return _fact("money", number, reading, number.end if sign else end, sign or first)
    return None


def _counted(number: _Number, reading: _Reading, near: tuple[tuple[str, int, int], ...]) -> Fact:
    """An age, a measure, an ordinal, a count of casualties, or a plain number."""
    first = near[0][0] if near else ""
    behind = {first, *(" ".join(token[0] for token in near[:size]) for size in (2, 3))}
    if _is_age(number, reading, behind):
        return _fact("age", number, reading, number.end, "")
    measured = first in reading.words.units and near[0][1] - number.end <= 2
    if number.suffix in _MEASURES or measured:
        end = near[0][2] if measured and not number.suffix else number.end
        return _fact("quantity", number, reading, end, number.suffix or first)
    if number.suffix in _ORDINALS:
        return _fact("number", number, reading, number.end, "ordinal")
    hyphened = reading.text[number.end : number.end + 1] == "-"
    casualty = "" if hyphened else _casualty(number, reading)
    kind = "casualty_count" if casualty else "number"
    return _fact(kind, number, reading, number.end, casualty or first)


def _fact(kind: str, number: _Number, reading: _Reading, end: int, slot: str) -> Fact:
    text = reading.text[number.start : end].strip()
    return Fact(kind, text, f"{number.value:.10g}", number.start, end, slot)


def _is_age(number: _Number, reading: _Reading, behind: set[str]) -> bool:
    if not 0 < number.value < _OLDEST or number.value != int(number.value):
        return False
    text, start, end = reading.text, number.start, number.end
    if _AGE_TAIL.match(text, end) or behind & reading.words.ages:
        return True
    before = text[max(0, start - 12) : start]
    if _AGE_LEAD.search(before):
        return True
    between = _APPOSITION.search(before) and text[end : end + 1] == ","
    return bool(between) and number.value >= 5 and not number.suffix


def _casualty(number: _Number, reading: _Reading) -> str:
    """The casualty word a number is tied to, nearest first, or nothing."""
    words = reading.words
    for place, (word, _, _) in enumerate(reading.after(number.end)[: _REACH + 1]):
        if word in words.casualties:
            return word
        if place and (word[0].isdigit() or word in words.numbers):
            break
    for word, _, end in reading.before(number.start):
        if _STOP.search(reading.text[end : number.start]) or word[0].isdigit():
            break
        if word in words.casualties:
            return word
    return ""


def _number_words(reading: _Reading) -> Iterator[Fact]:
    """Numbers written out, neighbouring number words read as one."""
    place = 0
    while place < len(reading.tokens):
        word = reading.tokens[place][0]
        known = word in reading.words.numbers or "-" in word
        run = _run_at(reading, place) if known else []
        if known and not run:
            yield from _compound(reading, place)
        if not run:
            place += 1
            continue
        value = _spelled(run, reading.words)
        start, end = reading.tokens[place][1], reading.tokens[place + len(run) - 1][2]
        fact = _typed(_Number(value, start, end), reading)
        slot = "ordinal" if run[0] in _ORDINALS else fact.slot
        kind = "number" if run[0] in _ORDINALS else fact.type
        weak = len(run) == 1 and (value < 2 or run[0] in _VAGUE)
        yield replace(fact, type=kind, slot=slot, weak=weak)
        place += len(run)


def _compound(reading: _Reading, place: int) -> Iterator[Fact]:
    """A number that opens a compound word: "two-time", "four-man"."""
    word, start, _ = reading.tokens[place]
    first, _, rest = word.partition("-")
    value = reading.words.numbers.get(first)
    if value is not None and value >= 2 and first not in _VAGUE:
        yield _fact(
            "number", _Number(value, start, start + len(first)), reading, start + len(first), rest
        )


def _run_at(reading: _Reading, place: int) -> list[str]:
    run: list[str] = []
    tokens, numbers = reading.tokens, reading.words.numbers
    while place < len(tokens):
        word, start, _ = tokens[place]
        if not all(part in numbers for part in word.split("-")):
            break
        joined = reading.text[tokens[place - 1][2] : start] == " "
        if run and (not joined or word in _VAGUE):
            break
        run.append(word)
        place += 1
    return run


def _spelled(run: list[str], words: Lexicon) -> float:
    total, current = 0.0, 0.0
    for word in run:
        for part in word.split("-"):
            value = words.numbers[part]
            if value >= 1000:
                total += max(current, 1.0) * value
                current = 0.0
            elif value == 100 and current:
                current *= 100
            else:
                current += value
    return total + current
