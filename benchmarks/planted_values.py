"""A second planter of facts: values written in many ways, in sentences of many languages.

Independent of ``planted.py`` and of the engine: it knows where a value stands from patterns
of its own, writes both states of the value itself, and so knows the exact triple. Rewordings
beside a plant (``worded``) must not hide it; re-writings of one value must stay silent.
"""

# ruff: noqa: E501 - tables of patterns read best in one line each

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class ValuePlant(NamedTuple):
    """A sentence before and after, its language, and the triples that changed."""

    kind: str
    language: str
    old: str
    new: str
    facts: tuple[tuple[str, str | None, str | None], ...]


class Site(NamedTuple):
    """A place in a sentence, and what to write there before and after."""

    type: str
    start: int
    end: int
    old: str
    new: str


# What may be written where a bare count, an amount … stands: type, state before, state after.
_WRITINGS: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "en": {
        "number": (
            ("12,000", "21,000"),
            ("1,250", "1,520"),
            ("a dozen", "two dozen"),
            ("fifteen", "fifty"),
            ("twenty-three", "thirty-two"),
            ("3.4 million", "4.3 million"),
            ("1.2m", "2.1m"),
            ("8", "9"),
            ("two-thirds of the", "three-quarters of the"),
            ("140", "410"),
            ("nearly 300", "nearly 400"),
        ),
        "money": (
            ("$2.1 million", "$2.4 million"),
            ("£350m", "£530m"),
            ("€1.5bn", "€1.8bn"),
            ("$12", "$15"),
            ("US$40,000", "US$45,000"),
            ("5,000 euros", "7,000 euros"),
            ("$3 million", "$3 billion"),
            ("20 pounds", "25 pounds"),
            ("40p", "60p"),
        ),
        "percent": (
            ("7.2%", "7.4%"),
            ("15 percent", "25 percent"),
            ("30 per cent", "40 per cent"),
            ("a 3.5%", "a 5.3%"),
            ("ten percent", "twelve percent"),
        ),
        "quantity": (
            ("1.5 metres", "2.5 metres"),
            ("12 miles", "21 miles"),
            ("30kg", "40kg"),
            ("six weeks", "eight weeks"),
            ("90 minutes", "80 minutes"),
            ("25 degrees", "35 degrees"),
            ("2,000 square feet", "3,000 square feet"),
            ("100mph", "130mph"),
        ),
        "time": (
            ("5pm", "6pm"),
            ("5:30 p.m.", "6:30 p.m."),
            ("17:30", "18:30"),
            ("10.15am", "10.45am"),
            ("noon", "midnight"),
        ),
        "date": (
            ("3 May", "4 May"),
            ("May 3, 2021", "May 5, 2021"),
            ("Nov. 12", "Nov. 14"),
            ("12 January 2019", "12 January 2020"),
            ("Monday", "Thursday"),
            ("the 3rd of June", "the 4th of June"),
            ("Sept. 9", "Sept. 19"),
        ),
    },
    "de": {
        "number": (("12.000", "21.000"), ("zwölf", "zwanzig"), ("3,4 Millionen", "4,3 Millionen")),
        "money": (
            ("2,1 Mrd. Euro", "2,4 Mrd. Euro"),
            ("350 Millionen Euro", "530 Millionen Euro"),
            ("1.200 Euro", "1.500 Euro"),
            ("12,50 €", "13,50 €"),
            ("€2,1 Mrd.", "€2,4 Mrd."),
        ),
        "percent": (("7,2 Prozent", "7,4 Prozent"), ("15 %", "25 %"), ("3%", "4%")),
        "quantity": (("1,5 Meter", "2,5 Meter"), ("sechs Wochen", "acht Wochen"), ("12 Kilometer", "21 Kilometer")),
        "time": (("17.30 Uhr", "18.30 Uhr"), ("17:30 Uhr", "18:30 Uhr"), ("8 Uhr", "9 Uhr")),
        "date": (("3. Mai", "4. Mai"), ("12. Januar 2019", "12. Januar 2020"), ("Montag", "Donnerstag")),
    },
    "fr": {
        "number": (("12 000", "21 000"), ("douze", "vingt"), ("3,4 millions", "4,3 millions")),
        "money": (("2,1 milliards d’euros", "2,4 milliards d’euros"), ("350 euros", "530 euros"), ("12,50 €", "13,50 €")),
        "percent": (("7,2 %", "7,4 %"), ("15 pour cent", "25 pour cent")),
        "quantity": (("1,5 mètres", "2,5 mètres"), ("six semaines", "huit semaines")),
        "time": (("17h30", "18h30"), ("17 h 30", "18 h 30")),
        "date": (("3 mai", "4 mai"), ("lundi", "jeudi"), ("12 janvier 2019", "12 janvier 2020"), ("1er juin", "2 juin")),
    },
    "pt": {
        "number": (("12 mil", "21 mil"), ("doze", "vinte"), ("1.250", "1.520")),
        "money": (("R$ 2,1 milhões", "R$ 2,4 milhões"), ("R$ 350", "R$ 530"), ("5 mil reais", "7 mil reais")),
        "percent": (("7,2%", "7,4%"), ("15 por cento", "25 por cento")),
        "quantity": (("1,5 metros", "2,5 metros"), ("12 km", "21 km")),
        "time": (("17h30", "18h30"), ("às 17h", "às 18h")),
        "date": (("3 de maio", "4 de maio"), ("segunda-feira", "quinta-feira"), ("12 de janeiro de 2019", "12 de janeiro de 2020")),
    },
}  # fmt: skip
_MONTHS = "January|February|March|April|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_HURT = "killed|dead|injured|wounded|died|hurt|missing|arrested"
_UNITS = (
    "miles|kilometres|kilometers|km|metres|meters|feet|tonnes|hours|minutes|days|weeks|months|acres"
)
# Where a value of each type stands in real text, per language.
_PLACES: dict[str, dict[str, str]] = {
    "en": {
        "number": r"(?<![\w.,$£€-])(?:\d{1,3}(?:,\d{3})*|two|three|four|five|six|seven|eight|nine|ten)(?= [a-z]{3,}s\b(?<!years)(?<!hours)(?<!days)(?<!miles)(?<!minutes)(?<!weeks)(?<!months)(?<!metres)(?<!dollars)(?<!euros)(?<!pounds))",
        "money": r"(?<![\w.,])(?:US)?[$£€]\d[\d,.]*\d(?: ?(?:million|billion|m|bn)\b)?",
        "percent": r"(?<![\w.,])\d{1,3}(?:\.\d)? ?(?:%|percent|per cent)(?!\w)",
        "quantity": rf"(?<![\w.,$-])(?:\d{{1,3}}|two|three|four|six) (?:{_UNITS})\b(?! (?:old|ago))",
        "time": r"(?<![\w.,:])\d{1,2}(?:[:.]\d\d)? ?(?:[ap]\.m\.|[ap]m\b)",
        "date": rf"\b(?:\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?|(?:{_MONTHS}) \d{{1,2}}(?:, \d{{4}})?|{_DAYS})\b(?! \d)",
    },
    "de": {
        "number": r"(?<![\w.,-])(?:\d{1,3}(?:\.\d{3})*|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)(?= [A-ZÄÖÜ][a-zäöü]{3,}(?:en|er|e|n)\b(?<!Jahre)(?<!Jahren)(?<!Millionen))",
        "money": r"(?<![\w.,])\d[\d.,]*(?: (?:Mio\.|Mrd\.|Millionen|Milliarden))? (?:Euro|€|Dollar|Franken)",
        "percent": r"(?<![\w.,])\d{1,3}(?:,\d)? ?(?:%|Prozent)",
        "quantity": r"(?<![\w.,])\d{1,3} (?:Kilometer|Meter|Stunden|Minuten|Tage|Wochen|Monate)\b",
        "time": r"(?<![\w.,])\d{1,2}(?:[.:]\d\d)? Uhr",
        "date": r"(?<![\w.,])\d{1,2}\. (?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)(?: \d{4})?|\b(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)\b",
    },
    "fr": {
        "number": r"(?<![\w.,-])(?:\d{1,3}(?: \d{3})*|deux|trois|quatre|cinq|six|sept|huit|dix)(?= [a-zéè]{3,}s\b(?<!euros)(?<!ans)(?<!jours)(?<!heures)(?<!mois)(?<!millions))",
        "money": r"(?<![\w.,])\d[\d.,]*(?: (?:millions|milliards))?(?: d[’'])? ?(?:euros|€|dollars)",
        "percent": r"(?<![\w.,])\d{1,3}(?:,\d)? ?%",
        "quantity": r"(?<![\w.,])\d{1,3} (?:kilomètres|mètres|heures|minutes|jours|semaines|mois)\b",
        "time": r"(?<![\w.,])\d{1,2} ?h ?\d\d\b",
        "date": r"(?<![\w.,])\d{1,2} (?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)(?: \d{4})?|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b",
    },
    "pt": {
        "number": r"(?<![\w.,-])(?:\d{1,3}(?:\.\d{3})*|dois|duas|três|quatro|cinco|seis|sete|oito|dez)(?= [a-zçãé]{3,}s\b(?<!reais)(?<!anos)(?<!dias)(?<!horas)(?<!meses)(?<!metros))",
        "money": r"R\$ ?\d[\d.,]*\d(?: (?:mil|milhão|milhões|bilhões)\\b)?",
        "percent": r"(?<![\w.,])\d{1,3}(?:,\d)? ?%",
        "quantity": r"(?<![\w.,])\d{1,3} (?:quilômetros|metros|horas|minutos|dias|semanas|meses|km)\b",
        "time": r"(?<![\w.,])\d{1,2}h(?:\d\d)?\b",
        "date": r"(?<![\w.,])\d{1,2} de (?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)(?: de \d{4})?",
    },
}  # fmt: skip
_JOINS = frozenset("-–/|:")
_NOT_COUNTS = re.compile(
    r" (?:[km]?i?lomet|met[er]|minut|ton|degre|second|hour|inch|feet|gram|Tote|Verletz|Opfer|Festgen|Sekund|Grad|"
    r"Tonnen|Meter|Stund|Minut|presos|pessoas|mortos|feridos|presas|morts|blessés|quil|hectar|Hektar|acre|wound|deaths|"
    r"injur|victim|arrest|casual|fatal|bodies|dead|pence|cents|dollars|Euro|Cent|yen|rupees|anos|heures|minutes|degrés)",
    re.IGNORECASE,
)
_PEOPLE = ("Alma Verduin", "Tomas Okeke", "Renske Holm", "Idris Calder", "Marta Quillon")
_SURNAMES = ("Kowalski", "Verduin", "Okeke", "Brannigan", "Castellano")
_TOWNS = ("Bergen", "Toulouse", "Nairobi", "Leipzig", "Osaka", "Cardiff")
_NAME_PLACES = (
    (re.compile(r"(?<=[a-z,] )[A-Z][a-z]+ [A-Z][a-z]+(?=,? [a-z])"), _PEOPLE),
    (re.compile(r"(?<=\bMr )[A-Z][a-z]+|(?<=\bMr\. )[A-Z][a-z]+|(?<=\bMrs )[A-Z][a-z]+|(?<=\bDr )[A-Z][a-z]+"), _SURNAMES),
    (re.compile(r"(?<= (?:in|to) )[A-Z][a-z]{3,}(?=[,.]| [a-z])|(?<= from )[A-Z][a-z]{3,}(?=[,.]| [a-z])"), _TOWNS),
    (re.compile(r"^[A-Z][a-z]+ [A-Z][a-z]+(?= (?:said|was|is|has|had|told|will)\b)"), _PEOPLE),
)  # fmt: skip
_NO_NAMES = re.compile(
    rf"\b(?:{_MONTHS}|{_DAYS}|May|The|A|An|It|He|She|They|This|That|In|On|At|After|But|And|If)\b"
)
_OLD_AGE = re.compile(r"\b(?P<age>\d{1,2})(?=-year-old)|(?<=\baged )(?P<aged>\d{1,2})\b")
_DEATHS = re.compile(
    rf"(?<![\w.,$])(?P<n>\d{{1,3}}(?:,\d{{3}})*|two|three|four|five|six|seven|eight|nine|ten)"
    rf"(?= (?:(?:other )?people |others |men |women )?(?:were |are |have been )?(?:{_HURT})\b)",
    re.IGNORECASE,
)
_DEATH_WRITINGS = (
    ("12", "21"), ("seven", "nine"), ("1,200", "1,500"), ("at least 12", "at least 15"),
    ("thirteen", "fourteen"), ("dozens", "two"), ("34", "43"),
)  # fmt: skip
_SCORES = re.compile(r"(?<![\w.,/-])\d{1,2}[-–]\d{1,2}(?![\w/-]|[.,:]\d)")
_SPORT = re.compile(r"\b(?:won|win|beat|lost|defeated|victory|goals?|match|game|draw)\b")

# Words that mean the same, for rewordings beside a plant.
_SYNONYMS = (
    (" also ", " "), (" said ", " stated "), (" after ", " following "), (" large ", " big "),
    (" began ", " started "), (" but ", " yet "), (" about ", " regarding "), (" many ", " numerous "),
    (" has been ", " was "), (" because ", " since "), (" while ", " whereas "), (" buy ", " purchase "),
    (" und ", " sowie "), (" aber ", " jedoch "), (" et ", " ainsi que "), (" mas ", " porém "),
)  # fmt: skip


def plant_values(
    sentences: Sequence[tuple[str, str]], seed: int, per_type: int
) -> list[ValuePlant]:
    """Up to ``per_type`` plants of every type, (sentence, language) pairs given."""
    chance = random.Random(seed)
    order = list(sentences)
    chance.shuffle(order)
    counts: dict[str, int] = {}
    plants: list[ValuePlant] = []
    for text, language in order:
        sites = [s for s in _sites(text, language, chance) if counts.get(s.type, 0) < per_type]
        if not sites:
            continue
        first = chance.choice(sites)
        apart = [s for s in sites if s.start > first.end + 8 or s.end + 8 < first.start]
        taken = [first, *([chance.choice(apart)] if apart and chance.random() < 0.3 else [])]
        plant = _planted(text, language, taken, chance)
        if plant is not None:
            counts[first.type] = counts.get(first.type, 0) + 1
            plants.append(plant)
    return plants


def _planted(
    text: str, language: str, sites: list[Site], chance: random.Random
) -> ValuePlant | None:
    old = new = text
    for site in sorted(sites, key=lambda s: -s.start):
        old = old[: site.start] + site.old + old[site.end :]
        new = new[: site.start] + site.new + new[site.end :]
    if chance.random() < 0.25:
        new = _reworded(new, [s.new for s in sites], chance)
    facts = tuple((s.type, s.old, s.new) for s in sorted(sites, key=lambda s: s.start))
    return ValuePlant(sites[0].type, language, old, new, facts) if old != new else None


def _reworded(text: str, kept: list[str], chance: random.Random) -> str:
    pairs = [pair for pair in _SYNONYMS if pair[0] in text]
    if not pairs or re.search('["“”„«]', text):
        return text
    before, after = chance.choice(pairs)
    other = text.replace(before, after, 1)
    return other if all(value in other for value in kept) else text


def _sites(text: str, language: str, chance: random.Random) -> Iterator[Site]:
    quoted = [m.span() for m in re.finditer('["“„«][^"“”„«»]*["”»“]?', text)]
    used: set[str] = set()
    for site in _all_sites(text, language, chance):
        joined = (
            text[site.start - 1 : site.start] in _JOINS or text[site.end : site.end + 1] in _JOINS
        )
        joined = joined and site.type != "age" and site.start > 0
        inside = any(start < site.end and site.start < end for start, end in quoted)
        if (
            not joined
            and not inside
            and not _is_measure(text, site)
            and not {site.old, site.new} & used
        ):
            used |= {site.old, site.new}
            yield site


def _is_measure(text: str, site: Site) -> bool:
    """Whether a bare count stands before a unit or people: that would be another type."""
    return site.type == "number" and bool(_NOT_COUNTS.match(text, site.end))


def _all_sites(text: str, language: str, chance: random.Random) -> Iterator[Site]:
    for kind, pattern in _PLACES.get(language, {}).items():
        for match in re.finditer(pattern, text):
            yield _written(kind, language, match, chance)
    if language == "en":
        yield from _english(text, chance)


def _written(kind: str, language: str, match: re.Match[str], chance: random.Random) -> Site:
    old, new = chance.choice(_WRITINGS[language][kind])
    if kind == "number" and chance.random() < 0.5 and match.group().isdigit():
        old, new = match.group(), str(int(match.group()) + chance.choice((1, 2, 10, 35)))
    elif kind == "date" and match.group()[0].isalpha() is not old[0].isalpha():
        own = [
            w for w in _WRITINGS[language][kind] if w[0][0].isalpha() is match.group()[0].isalpha()
        ]
        old, new = chance.choice(own or [(old, new)])
    if chance.random() < 0.5:
        old, new = new, old
    return Site(kind, match.start(), match.end(), old, new)


def _english(text: str, chance: random.Random) -> Iterator[Site]:
    for pattern, others in _NAME_PLACES:
        for match in pattern.finditer(text):
            other = chance.choice(others)
            if not _NO_NAMES.search(match.group()) and match.group() != other:
                yield Site("name", *match.span(), match.group(), other)
    for match in _OLD_AGE.finditer(text):
        yield Site(
            "age", *match.span(), match.group(), str(int(match.group()) + chance.choice((1, 10)))
        )
    for match in _DEATHS.finditer(text):
        old, new = chance.choice(_DEATH_WRITINGS)
        yield Site("casualty_count", *match.span("n"), old, new)
    if _SPORT.search(text):
        for match in _SCORES.finditer(text):
            yield Site(
                "score",
                *match.span(),
                *chance.choice((("3-2", "3-1"), ("1-0", "2-0"), ("21–14", "24–14"))),
            )


# --------------------------------------------------------------------------
# Rewritings of one value, and rewordings, that change no fact

_REWRITES: tuple[tuple[str, str], ...] = (
    (r"\bfive(?= [a-z])", "5"),
    (r"(?<![\w.,$£€-])5(?= [a-z]{3,})", "five"),
    (r"(?<![\w.,])([1-9]),(\d{3})(?![\d,])", r"\1\2"),
    (r"(\d) ?%", r"\1 percent"),
    (r"(\d) percent\b", r"\1%"),
    (r"(\d) per cent\b", r"\1 percent"),
    (r"\$(\d+(?:\.\d)?) million\b", r"$\1m"),
    (r"£(\d+(?:\.\d)?)m\b", r"£\1 million"),
    (r"\b(\d{1,2}) (January|February|April|June|July|August|September|October|November|December)\b(?! \d)", r"\2 \1"),
    (r"\b(January|February|August|September|October|November|December) (\d{1,2})\b(?!,? \d)", r"\2 \1"),
    (r"\bSeptember (?=\d)", "Sept. "),
    (r"\b(\d{1,2}) p\.m\.", r"\1pm"),
    (r"\b(\d{1,2}) ?pm\b", r"\1 p.m."),
    (r"\bkm\b", "kilometres"),
    (r"\bkilometres\b", "km"),
    (r"\bmore than (?=\d)", "over "),
    (r"\babout (?=\d)", "around "),
    (r"\bdid not\b", "didn’t"),
    (r"\bThe United States\b", "The US"),
    (r"\bPresident (?=[A-Z])", "US President "),
    (r"^(On [A-Z][a-z]+day), (.)", r"\2"),
    (r"\bwho has\b", "who’s"),
    (r"\bhundreds of\b", "several hundred"),
    (r"\bMr\. (?=[A-Z])", "Mr "),
    (r"\bhalf\b", "50%"),
    (r"(\d)-(\d{3})\b", r"\1–\2"),
    (r"\btwice\b", "two times"),
    (r"\bkilled (two|three|four|five|six) people\b", r"left \1 people dead"),
    (r"\b(\d+) people were killed\b", r"\1 people died"),
    (r"\ba third of\b", "one-third of"),
    (r"\b12 months\b", "a year"),
)  # fmt: skip


def plant_rewrites(
    sentences: Sequence[tuple[str, str]], seed: int, per_type: int
) -> list[ValuePlant]:
    """Up to ``per_type`` rewritings of every kind; they hold no changed fact."""
    chance = random.Random(seed)
    english = [
        text for text, language in sentences if language == "en" and not re.search('["“”]', text)
    ]
    plants: list[ValuePlant] = []
    for number, rewrite in enumerate([*map(_rewrite, _REWRITES), _synonym, _reordered]):
        chance.shuffle(english)
        made = ((text, new) for text in english if (new := rewrite(text, chance)) != text)
        plants += [
            ValuePlant(f"rewrite {number}", "en", old, new, ())
            for (old, new), _ in zip(made, range(per_type), strict=False)
        ]
    return plants


def _rewrite(pair: tuple[str, str]) -> Callable[[str, random.Random], str]:
    pattern = re.compile(pair[0])

    def rewrite(text: str, _: random.Random) -> str:
        new = pattern.sub(pair[1], text, count=1)
        return new[0].upper() + new[1:]

    return rewrite


def _synonym(text: str, chance: random.Random) -> str:
    return _reworded(text, [], chance)


def _reordered(text: str, _: random.Random) -> str:
    """The last part behind a comma put first: "A happened, officials said." and its like."""
    match = re.fullmatch(
        r"((?:The|A|It|There|They|Police)\b[^,;:()]{30,}), ((?:after|while|when|because|as|although) [^,;:()]{10,})\.",
        text,
    )
    if match is None:
        return text
    first, last = match.groups()
    return f"{last[0].upper()}{last[1:]}, {first[0].lower()}{first[1:]}."
