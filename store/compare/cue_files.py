"""The cues of notes: one TOML file per language, compiled once.

A file names its labels ("Correction"), phrases ("an earlier version of this article") and
topics (senses of the same words that are no notes), each with the example that taught it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from store.compare.dates import alternatives, stamp_pattern
from store.compare.roots import fold
from store.model import NoteKind
from store.text import normalise

# What may stand before a label: brackets, bullets, asterisks; never a quotation mark.
_LEAD = r"^[\s\[(*•·►▶|_#>【〈《<※{=~+-]{0,12}"
# What may close a label; its stamp is no longer than 70 characters. Hindi is often printed with a
# visarga, joined to the label, for the colon.
_MARKS = r":ः!)\]】〉》>|-"
# An outlet's initials before its label ("NRK retter:").
_OUTLET = r"(?:(?P<outlet>(?-i:[A-ZÆØÅ]{2,8}))(?:'s)?\s)?"


@dataclass(frozen=True, slots=True)
class Label:
    """A word that opens a note. ``weight`` is the evidence it gives, 0 to 1.

    ``stamp`` marks words that more often open a bare time stamp ("Updated").
    ``alone`` holds when the word by itself, without a colon, heads a note: the first of its
    row does, and a label of several words ("fe de errores").
    """

    cue: str
    kind: NoteKind
    weight: float
    stamp: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A wording of notes, found anywhere in one; ``weight`` is its evidence, 0 to 1.

    ``anchored`` phrases match in a part of a text where they may not in the whole. ``back``
    marks those that speak about the sentences before them ("We regret the error").
    """

    cue: str
    kind: NoteKind
    weight: float
    pattern: re.Pattern[str]
    anchored: bool
    back: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A sense of the same words that is no note; ``label`` says it outweighs a label too."""

    cue: str
    label: bool
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cues:
    """The compiled cues of one language.

    ``label_words`` are the labels folded, with a sign behind them that may close one.
    """

    language: str
    label_words: re.Pattern[str]
    labels: dict[str, Label]
    phrases: tuple[Phrase, ...]
    topics: tuple[Topic, ...]
    says: re.Pattern[str] | None


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that have a cue file, sorted."""
    folder = resources.files("store.compare").joinpath("cues")
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


@lru_cache(maxsize=64)
def cue_file(language: str) -> dict[str, Any]:
    """One language's cue file, ``<article>`` in its patterns being its words for an article.

    Raises FileNotFoundError where there is none.
    """
    source = resources.files("store.compare").joinpath("cues", f"{language}.toml")
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    for row in data.get("phrase", []):
        row["pattern"] = row["pattern"].replace("<article>", data.get("article", ""))
    return data


@lru_cache(maxsize=64)
def cues_of(language: str) -> Cues:
    """One language's cues, compiled. Raises FileNotFoundError where there are none."""
    data = cue_file(language)
    labels = _labels(language, data.get("label", []))
    return Cues(
        language=language,
        # No label follows a letter or digit: what may stand before one ends at a word's edge.
        label_words=re.compile(
            rf"(?<![^\W_])(?:{alternatives(map(fold, labels))})(?:[^!?]{{0,70}}?[\d{_MARKS}]|\W*$)"
        ),
        labels=labels,
        phrases=tuple(_phrase(language, row) for row in data.get("phrase", [])),
        topics=tuple(
            Topic(f"{language}/{row['id']}", row.get("label", False), _compile(row["pattern"]))
            for row in data.get("topic", [])
        ),
        says=_source_pattern(data["says"]) if "says" in data else None,
    )


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _labels(language: str, rows: list[dict[str, Any]]) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    for row in rows:
        for place, word in enumerate(row["words"]):
            labels.setdefault(
                normalise(word).lower(),
                Label(
                    cue=f"{language}/{row['id']}",
                    kind=NoteKind(row["kind"]),
                    weight=row.get("weight", 0.6),
                    stamp=row.get("stamp", False),
                    alone="weight" not in row and (place == 0 or " " in word),
                ),
            )
    return labels


def _phrase(language: str, row: dict[str, Any]) -> Phrase:
    return Phrase(
        f"{language}/{row['id']}",
        NoteKind(row["kind"]),
        row["weight"],
        _compile(row["pattern"]),
        anchored=bool({"^", "$"} & {*row["pattern"]}),
        back=row.get("back", False),
    )


@lru_cache(maxsize=64)
def label_pattern(language: str) -> re.Pattern[str]:
    """A label at the head of a note, with its stamp and its mark.

    Apart from the other cues, since it takes longer to compile than all of them, and texts in
    most languages are never asked for it.
    """
    label = alternatives(list(cues_of(language).labels)).replace(r"\ ", r"\s+")
    stamp = stamp_pattern()
    return _compile(
        rf"{_LEAD}(?:(?P<before>{stamp})[\s:.,|)\]-]{{0,6}})?{_OUTLET}(?P<label>{label})"
        rf"(?P<number>\s?#?\d{{1,2}}(?=\s?(?::(?!\d)|[!)\](,|]|-\s|$)))?"
        rf"(?P<stamp>{stamp})?"
        r"[\s*_]{0,6}(?P<mark>[:ः!)\]】〉》>|]|-(?=[\s\w])|$|(?(stamp)(?=(?-i:[A-ZÀ-Þ])|\")|(?!)))"
        r"[\s:!)\]】〉》>|*_-]{0,12}"
    )


def _source_pattern(says: str) -> re.Pattern[str]:
    """Who says something at the head of a note: "The ministry, in a statement, said …"."""
    subject = r"^\W*(?:on \w+,? )?(?P<source>[^,.;:!?()]{3,90}?)"
    return re.compile(rf"{subject}(?:,\s[^.;:]{{3,80}}?,)?\s+(?i:{says})(?!\w)")
