"""Values in a text: numbers, shares, money, casualties, ages, measures, scores, dates, times."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from store.compare.features import words_of
from store.compare.lexicon import FRACTIONS, Lexicon
from store.compare.moments import LETTER, moments_of
from store.compare.typed import Fact, Number, Reading, longest_at, make_fact, runs_on, typed
from store.compare.units import (
    ABBREVIATED,
    AFTER_ARTICLE,
    DOZENS,
    MAGNITUDES,
    ORDINALS,
    SUFFIXES,
    VAGUE,
)

# Vowel signs of scripts that write them as marks on letters (Arabic, Devanagari, Bengali, Thai).
_MARKS = (
    "\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
_ARABIC_MARKS = dict.fromkeys([*range(0x064B, 0x0660), 0x0670])
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|%|‰")
_MARKED_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*(?:['’-][^\W_]+)*|%|‰")
_RUN = re.compile(r"\d+")
_DIGITS = re.compile(
    rf"(?<!{LETTER})(?<![.,])"
    r"(?P<number>\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d{1,18}(?:[.,]\d{1,12})?)"
    rf"(?P<suffix>\s?[€£$%‰₽₺₹](?!\w)|\s?°\s?[CF]?(?!\w)|{LETTER}{{1,6}}[²³]?(?!\w)|(?!{LETTER}))"
)
# A sign or code of a currency right before a number.
_CURRENCY = re.compile(
    r"(?:(?<!\w)(?:US|CA|C|A|NZ|HK|S|R)?[$€£¥₹₽₺₩₪]\s?"
    r"|\b(?:USD|EUR|GBP|CHF|AUD|CAD|NOK|SEK|DKK|Rs\.?)\s)$"
)
_SCORE = re.compile(r"(?<![\w.,/-])(\d{1,3})\s?[-–:]\s?(\d{1,3})(?![\w/-]|[.,:]\d)")
_SCORE_WORDS = re.compile(
    r"\b(?:w[io]n|wins|beat|beats|beating|los[et]|loss|draw|drew|defeat\w*|victory|goals?|match|"
    r"game|scored?|half-time|leads?|led|votes?|voted|gewann|siegte?|verlor|tor|spiel|gagné|perdu|"
    r"battu|ganó|perdió|empat\w+|venceu|vinto|won|wint|slo|seier|vant|vann|kamp)\b",
    re.IGNORECASE,
)
# "20m cases" counts millions, "20m long" metres.
_PLURAL = re.compile(r"\s(?!years|across|plus)[a-z]{3,}s\b")
_LEAST_ARABIC = 3
_BLANKS = frozenset({" ", "", "\u00a0", "\u202f"})


def values_of(text: str, words: Lexicon, start: int = 0, end: int | None = None) -> list[Fact]:
    """The values in a text or between two places of it, in order, none overlapping."""
    end = len(text) if end is None else end
    own = {*words_of(text[start:end])}
    found = [Fact(*moment) for moment in moments_of(text, start, end, own)]
    numbers = [match.start() for match in _RUN.finditer(text, start, end)]
    if numbers or not own.isdisjoint(words.counting):
        for fact in (*_scores(text, numbers), *_numbers(text, words, (start, end), numbers, own)):
            if all(fact.end <= other.start or other.end <= fact.start for other in found):
                found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def _scores(text: str, numbers: Sequence[int]) -> Iterator[Fact]:
    scores = [match for at in numbers if (match := _SCORE.match(text, at))]
    if scores and _SCORE_WORDS.search(text):
        for match in scores:
            yield Fact("score", match.group(), f"{match[1]}-{match[2]}", *match.span())


def _numbers(
    text: str, words: Lexicon, span: tuple[int, int], numbers: Sequence[int], own: set[str]
) -> Iterator[Fact]:
    pattern = _MARKED_WORD if words.marked else _WORD
    tokens = tuple([(m.group().lower(), *m.span()) for m in pattern.finditer(text, *span)])
    if words.language == "ar":
        tokens = tuple((_bare(word), start, end) for word, start, end in tokens)
    reading = Reading(text, words, tokens, tuple([token[1] for token in tokens]))
    last = 0
    for at in numbers:
        match = _DIGITS.match(text, at) if at >= last else None
        number = _written(match, reading) if match else None
        if number is not None:
            last = number.end
            yield typed(number, reading)
    if not own.isdisjoint(words.counting):
        yield from _number_words(reading)


def _bare(word: str) -> str:
    """An Arabic word without vowel signs and the "and" written before it."""
    plain = word.translate(_ARABIC_MARKS)
    return plain[1:] if plain[0] == "و" and len(plain) > _LEAST_ARABIC else plain


def _written(match: re.Match[str], reading: Reading) -> Number | None:
    """A number in digits, the magnitude behind it counted in; None where letters make it a name."""
    text, words = reading.text, reading.words
    value, end = parse_number(match["number"]), match.end()
    lead = _CURRENCY.search(text, max(0, match.start() - 6), match.start())
    start = lead.start() if lead else match.start()
    suffix, currency = match["suffix"].strip(), lead.group().strip() if lead else ""
    small = suffix.lower()
    counted = small == "m" and _PLURAL.match(text, end)
    if small in MAGNITUDES and (currency or counted or (small not in {"m", "b"})):
        return Number(value * MAGNITUDES[small], start, end, currency)
    if suffix.isalpha() and not (suffix in SUFFIXES or small in words.units):
        return None
    if suffix:
        return Number(value, start, end, currency, suffix)
    return _magnified(Number(value, start, end, currency), reading)


def _magnified(number: Number, reading: Reading) -> Number:
    """A number with the word of magnitude behind it, an abbreviation's full stop passed over."""
    text, words = reading.text, reading.words
    if runs_on(number, reading):
        word = longest_at(text, number.end, words.magnitudes)
        value = number.value * words.magnitudes.get(word, 1.0)
        return replace(number, value=value, end=number.end + len(word))
    place = bisect_left(reading.starts, number.end)
    if place == len(reading.tokens) or text[number.end : reading.starts[place]] not in _BLANKS:
        return number
    word = reading.tokens[place][0].partition("-")[0]
    if word not in words.magnitudes:
        return number
    end = reading.starts[place] + len(word)
    if word in ABBREVIATED and text[end : end + 1] == ".":
        end += 1
    return replace(number, value=number.value * words.magnitudes[word], end=end)


def parse_number(text: str) -> float:
    """A number with separators of either habit: "1,234.5", "1.234,5", "12 500", "3,5"."""
    if text.isdigit():
        return float(text)
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


def _number_words(reading: Reading) -> Iterator[Fact]:
    """Numbers written out, neighbouring number words read as one."""
    place = 0
    while place < len(reading.tokens):
        word = reading.tokens[place][0]
        if word not in reading.words.counting and "-" not in word:
            place += 1
            continue
        fraction = _fraction(reading, place)
        known = fraction is None and (word in reading.words.numbers or "-" in word)
        run = _run_at(reading, place) if known else []
        if fraction is not None:
            yield fraction
        elif known and not run:
            yield from _compound(reading, place)
        elif run:
            yield _run_fact(run, reading, place)
        place += max(1, len(run))


def _run_fact(run: list[str], reading: Reading, place: int) -> Fact:
    start, end = reading.tokens[place][1], reading.tokens[place + len(run) - 1][2]
    article = reading.tokens[place - 1] if place else ("", 0, 0)
    if run[0] in AFTER_ARTICLE and article[0] == "a" and article[2] == start - 1:
        start = article[1]
    fact = typed(_magnified(Number(_spelled(run, reading.words), start, end), reading), reading)
    kind, slot = ("number", "ordinal") if run[0] in ORDINALS else (fact.type, fact.slot)
    weak = len(run) == 1 and (float(fact.value) < 2 or run[0] in VAGUE)
    return Fact(kind, fact.text, fact.value, fact.start, fact.end, slot, weak)


def _fraction(reading: Reading, place: int) -> Fact | None:
    """A part of a whole: "two-thirds", "a quarter of"."""
    word, start, end = reading.tokens[place]
    first, _, rest = word.rpartition("-")
    if rest not in FRACTIONS:
        return None
    count = reading.words.numbers.get(first)
    if first and count is not None:
        number = Number(count / FRACTIONS[rest], start, end)
    else:
        before = reading.tokens[place - 1] if place else ("", 0, 0)
        behind = reading.tokens[place + 1][0] if place + 1 < len(reading.tokens) else ""
        if first or before[0] not in {"a", "one"} or behind != "of":
            return None
        number = Number(1 / FRACTIONS[rest], before[1], end)
    return make_fact("number", number, reading, end, "part")


def _compound(reading: Reading, place: int) -> Iterator[Fact]:
    """A number that opens a compound word: "two-time", "four-man", "six-day"."""
    word, start, _ = reading.tokens[place]
    first = word.partition("-")[0]
    value = reading.words.numbers.get(first)
    if value is not None and value >= 2 and first not in VAGUE:
        yield typed(Number(value, start, start + len(first)), reading)


def _run_at(reading: Reading, place: int) -> list[str]:
    run: list[str] = []
    tokens, numbers = reading.tokens, reading.words.numbers
    while place < len(tokens):
        word, start, _ = tokens[place]
        if not all(part in numbers for part in word.split("-")):
            break
        joined = reading.text[tokens[place - 1][2] : start] == " "
        if run and (not joined or word in VAGUE):
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
            elif (value == 100 or part in DOZENS) and current:
                current *= value
            else:
                current += value
    return total + current
