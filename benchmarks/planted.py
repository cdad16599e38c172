"""Planted edits: real sentences with one known change each, and whole articles with many.

Every plant says what it did, so answers can be checked exactly. Nothing here reads the
engine; the patterns that find a place to plant are its own. Randomness is an argument.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Plant(NamedTuple):
    """A sentence before and after, and the fact that was changed (None: nothing of substance)."""

    kind: str
    old: str
    new: str
    fact: tuple[str, str | None, str | None] | None


_COUNT = r"(?P<value>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HURT = r"(?:killed|dead|injured|wounded|died|hurt|missing|arrested|deaths|injuries)"
_NUMBERS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_PEOPLE = ("Alma Verduin", "Tomas Okeke", "Renske Holm", "Idris Calder", "Marta Quillon")
_HEDGES = ("allegedly", "reportedly", "apparently")
_SPEAKERS = ("witnesses", "officials", "a spokesman", "campaigners", "lawyers")


def plant_facts(sentences: Sequence[str], seed: int, per_type: int) -> list[Plant]:
    """Up to ``per_type`` planted changes of each fact type, and rephrasings that change nothing."""
    chance = random.Random(seed)
    plants: list[Plant] = []
    for planter in (*_PLANTERS, *_REPHRASERS):
        order = list(sentences)
        chance.shuffle(order)
        found = (plant for s in order if (plant := planter(s, chance)) is not None)
        plants.extend(plant for plant, _ in zip(found, range(per_type), strict=False))
    return plants


def _swap(text: str, match: re.Match[str], value: str, group: str = "value") -> str:
    return text[: match.start(group)] + value + text[match.end(group) :]


def _other_number(value: str, chance: random.Random) -> str:
    if value.lower() in _NUMBERS:
        return chance.choice([word for word in _NUMBERS if word != value.lower()])
    number = int(value.replace(",", ""))
    steps = [-1, 1] if number < 11 else [-7, -3, -2, -1, 1, 2, 4, 9]
    other = max(1, number + chance.choice(steps))
    other = other if other != number else number + 5
    return f"{other:,}" if "," in value else str(other)


def _plant_value(
    kind: str, pattern: str, flags: int = 0
) -> Callable[[str, random.Random], Plant | None]:
    compiled = re.compile(pattern, flags)

    def planter(text: str, chance: random.Random) -> Plant | None:
        match = compiled.search(text)
        if match is None:
            return None
        value = match["value"]
        other = _other_number(value, chance)
        whole = match["whole"] if "whole" in match.groupdict() else value
        return Plant(
            kind, text, _swap(text, match, other), (kind, whole, whole.replace(value, other))
        )

    return planter


def _date(text: str, chance: random.Random) -> Plant | None:
    for names in (_DAYS, _MONTHS[:4] + _MONTHS[5:]):
        match = re.search(
            rf"\b(?:on|On|in|last|since|until) (?P<value>{'|'.join(names)})\b(?! \d)", text
        )
        if match:
            other = chance.choice([n for n in names if n != match["value"] and n != "March"])
            return Plant("date", text, _swap(text, match, other), ("date", match["value"], other))
    return None


def _age(text: str, chance: random.Random) -> Plant | None:
    match = re.search(
        r"\b(?P<value>\d{1,2})(?=-year-old)|, (?P<other>\d{2}),|\baged (?P<third>\d{1,2})\b", text
    )
    if match is None:
        return None
    group = next(name for name in ("value", "other", "third") if match[name])
    other = _other_number(match[group], chance)
    return Plant("age", text, _swap(text, match, other, group), ("age", match[group], other))


def _name(text: str, chance: random.Random) -> Plant | None:
    match = re.search(r"(?<=[a-z,] )(?P<value>[A-Z][a-z]+ [A-Z][a-z]+)(?= [a-z])", text)
    if match is None or any(word in _DAYS + _MONTHS for word in match["value"].split()):
        return None
    other = chance.choice(_PEOPLE)
    return Plant("name", text, _swap(text, match, other), ("name", match["value"], other))


def _quote(text: str, chance: random.Random) -> Plant | None:
    if len(re.findall('["“”]', text)) != 2:
        return None
    match = re.search(r"[\"“](?P<inner>[^\"“”]{25,})[\"”]", text)
    if match is None:
        return None
    words = re.findall(r"\b[a-z]{4,}\b", match["inner"])
    if len(words) < 4:
        return None
    word = chance.choice(words)
    inner = re.sub(rf"\b{word}\b", "wholly different", match["inner"], count=1)
    fact = ("quote", match["inner"], inner)
    return Plant("quote", text, _swap(text, match, inner, "inner"), fact)


def _negation(text: str, _: random.Random) -> Plant | None:
    match = re.search(
        r"\b(?:was|were|is|are|will|would|could|has|have|had|did|does)(?P<value> not)\b", text
    )
    if match is not None:
        return Plant("negation", text, _swap(text, match, ""), ("negation", "*", "*"))
    match = re.search(
        r"\b(?:was|were|is|are|will|would|could)(?P<value>)(?= [a-z]+ )(?! not)", text
    )
    if match is None or " not" in text or "n't" in text:
        return None
    return Plant("negation", text, _swap(text, match, " not"), ("negation", "*", "*"))


def _hedge(text: str, chance: random.Random) -> Plant | None:
    match = re.search(
        r"\b(?:who|was|were|had|has|man|men|which|they)(?P<value> )(?=[a-z]+ed )", text
    )
    if match is None:
        return None
    word = chance.choice(_HEDGES)
    return Plant("hedge", text, _swap(text, match, f" {word} "), ("hedge", None, word))


def _attribution(text: str, chance: random.Random) -> Plant | None:
    match = re.search(
        r"(?:, |, the |according to )"
        r"(?P<value>police|officials|a spokesman|ministers|doctors|experts)"
        r"(?= (?:said|says|say)\b|[.,])",
        text,
    )
    if match is None or ("said" not in text and "say" not in text and "according" not in text):
        return None
    other = chance.choice([s for s in _SPEAKERS if s != match["value"]])
    return Plant(
        "attribution", text, _swap(text, match, other), ("attribution", match["value"], other)
    )


_PLANTERS: tuple[Callable[[str, random.Random], Plant | None], ...] = (
    _plant_value(
        "number",
        r"(?<![\w-])(?P<value>\d{1,3}(?:,\d{3})*)\b(?= (?:countries|schools|companies|members|"
        r"seats|votes|jobs|homes|areas|players|cases|patients|firms|families|pages|games|goals)\b)",
    ),
    _plant_value("percent", r"(?<![\d.,])(?P<whole>(?P<value>\d{1,3})(?:%| percent| per cent))"),
    _plant_value(
        "money", r"(?P<whole>[£$€](?P<value>\d{1,3})(?:bn|m|k| million| billion)?)(?![\w.,])"
    ),
    _plant_value(
        "casualty_count",
        rf"(?<![\w,.]){_COUNT}(?= (?:people |others |men |women )?"
        rf"(?:were |are |have been )?{_HURT}\b)",
        re.IGNORECASE,
    ),
    _plant_value(
        "quantity",
        r"\b(?<![\d,.])(?P<whole>(?P<value>\d{1,3}) (?:miles|km|kilometres|metres|kg|tonnes|"
        r"hours|minutes|days|weeks|months|years))\b(?! (?:old|of age))",
    ),
    _plant_value("time", r"\b(?P<whole>(?P<value>[2-9]) ?(?:p\.m\.|a\.m\.|pm|am))(?!\w)"),
    _date,
    _age,
    _name,
    _quote,
    _negation,
    _hedge,
    _attribution,
)


# --------------------------------------------------------------------------
# Rephrasings that change no fact


def _rephrase(pattern: str, value: str) -> Callable[[str, random.Random], Plant | None]:
    compiled = re.compile(pattern)

    def planter(text: str, _: random.Random) -> Plant | None:
        if re.search("[\"“”']", text):
            return None
        new = compiled.sub(value, text, count=1)
        return Plant("rephrased", text, new, None) if new != text else None

    return planter


def _respelled(text: str, chance: random.Random) -> Plant | None:
    words = re.findall(r"(?<![A-Z])\b[a-z]{6,}\b", text)
    if not words:
        return None
    word = chance.choice(words)
    at = chance.randrange(1, len(word) - 2)
    typo = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return Plant("rephrased", text, text.replace(word, typo, 1), None) if typo != word else None


def _spelled_out(text: str, _: random.Random) -> Plant | None:
    match = re.search(r"(?<![\d.,£$€-])\b(?P<value>[2-9])\b(?= [a-z]{4,})", text)
    if match is None:
        return None
    word = _NUMBERS[int(match["value"]) - 2]
    return Plant("rephrased", text, _swap(text, match, word), None)


_REPHRASERS: tuple[Callable[[str, random.Random], Plant | None], ...] = (
    _rephrase(r"\bdid not\b", "didn't"),
    _rephrase(r"\bwas not\b", "wasn't"),
    _rephrase(r"(\d)%", r"\1 percent"),
    _rephrase(r"\b(?:about|around) (?=\d)", "roughly "),
    _rephrase(r"\bmore than (?=\d)", "over "),
    _rephrase(r"\b(?:however|meanwhile),? ", ""),
    _rephrase(r"\bthe US\b", "the U.S."),
    _rephrase(r"\b(\w+), (\w+) and (?=\w)", r"\1, \2, and "),
    _rephrase(r"\ba number of\b|\bseveral\b", "various"),
    _rephrase(r"\bafter (?=\w+ing )", "following "),
    _respelled,
    _spelled_out,
)


# --------------------------------------------------------------------------
# Whole articles


class PlantedPair(NamedTuple):
    """Two versions and the links between their sentences that hold by construction."""

    old: list[str]
    new: list[str]
    links: set[tuple[int, int]]


def plant_article(
    sentences: Sequence[str], others: Sequence[str], seed: int, rate: float
) -> PlantedPair:
    """A new version of an article: about ``rate`` of its sentences edited, moved, split, merged,
    removed, or joined by sentences of ``others`` that it does not have itself."""
    chance = random.Random(seed)
    strangers = [text for text in others if text not in sentences]
    cells: list[tuple[str, tuple[int, ...]]] = []
    place = 0
    while place < len(sentences):
        step = 1
        roll = chance.random()
        text = sentences[place]
        if roll >= rate:
            cells.append((text, (place,)))
        elif roll < rate * 0.45:
            cells.append((_edited(text, chance), (place,)))
        elif roll < rate * 0.6:
            cells.extend(_split(text, place))
        elif roll < rate * 0.7 and place + 1 < len(sentences):
            cells.append((_joined(text, sentences[place + 1]), (place, place + 1)))
            step = 2
        elif roll < rate * 0.85:
            cells.append((text, (place,)))
            cells.append((chance.choice(strangers), ()))
        place += step
    _move(cells, chance, rate)
    links = {(i, j) for j, (_, olds) in enumerate(cells) for i in olds}
    return PlantedPair(list(sentences), [text for text, _ in cells], links)


def _edited(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    if len(words) < 4:
        return text  # the edit would leave nothing of it
    for _ in range(max(1, len(words) // 8)):
        at = chance.randrange(len(words))
        words[at : at + 1] = chance.choice(
            ([], [words[at], "now"], ["reportedly", words[at]], ["other"])
        )
    return " ".join(words) or text


def _split(text: str, place: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    commas = [m.start() for m in re.finditer(", ", text) if 40 < m.start() < len(text) - 40]
    if not commas:
        yield text, (place,)
        return
    middle = min(commas, key=lambda at: abs(at - len(text) / 2))
    yield text[:middle] + ".", (place,)
    rest = text[middle + 2 :]
    yield rest[0].upper() + rest[1:], (place,)


def _joined(first: str, second: str) -> str:
    return f"{first.rstrip('.')}, and {second[0].lower()}{second[1:]}"


def _move(cells: list[tuple[str, tuple[int, ...]]], chance: random.Random, rate: float) -> None:
    whole = [n for n, (text, olds) in enumerate(cells) if len(olds) == 1 and len(text) > 40]
    for _ in range(int(len(cells) * rate * 0.1)):
        cells.insert(chance.randrange(len(cells)), cells.pop(chance.choice(whole)))


def replace_in_place(sentences: Sequence[str], seed: int) -> PlantedPair:
    """A version in which a sixth of the sentences gave way to others of the same article that
    the old version did not have: the same topic at the same place, and no link."""
    chance = random.Random(seed)
    size = max(1, len(sentences) // 6)
    taken = chance.sample(range(len(sentences)), 2 * size)
    gone, strangers = set(taken[:size]), [sentences[place] for place in sorted(taken[size:])]
    old = [(n, text) for n, text in enumerate(sentences) if n not in set(taken[size:])]
    chance.shuffle(strangers)
    new = [strangers.pop() if n in gone else text for n, text in old]
    links = {(at, at) for at, (n, _) in enumerate(old) if n not in gone}
    return PlantedPair([text for _, text in old], new, links)
