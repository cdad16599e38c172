"""Reading one text as a note: the evidence, the kind, the stamp and the source it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from store.compare.cue_files import Cues, Label, Phrase, cues_of
from store.compare.dates import is_only_stamp, stamp
from store.compare.roots import fold, holds
from store.model import NoteKind
from store.text import normalise

# Evidence that makes a note. Label words and full phrases carry 0.6 alone, words that need
# company carry 0.3 (field study of newsroom notes, step 10).
ACCEPT = 0.6
# Stands for any label among the places of phrases.
_LABEL = -1
# Longer words are not remembered: they are rarely words.
_KEPT_WORD = 40
# A note gives itself away within so many characters.
_READ = 4_000
# What a topic sense ("market correction") takes away.
_TOPIC = 0.5
# An outlet's own mark-up for its notes is as good as a label.
_HINT = re.compile(
    r"correction|corrigend|erratum|errata|editors?-?_?note|clarification|retraction|"
    r"rettelse|korrektur|rectificatif|fe-de-erratas|rettifica|rectificatie",
    re.IGNORECASE,
)
_HINT_KINDS = (
    ("retract", NoteKind.RETRACTION),
    ("clarif", NoteKind.CLARIFICATION),
    ("note", NoteKind.EDITORS_NOTE),
)
_HINT_WEIGHT = 0.6
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# A label needs a text behind it: this many letters, more than a few words behind a stamp,
# and a line of update that does not end like a sentence has to be longer than a teaser.
_LEAST_LETTERS, _FEW_WORDS, _SHORT_LINE = 8, 3, 45
# An ideogram says as much as this many letters.
_IDEOGRAM = 3
_QUOTED = re.compile(r'"[^"]{0,400}"')
# Pronouns and our own article are no cited source.
_NO_SOURCE = re.compile(
    r"^(?:we|i|he|she|it|they|this|that|these|an? (?:earlier|previous|original)|"
    r"wir|ich|er|sie|es|nous|je|il|elle|ils|vi|jeg|eg|han|hun|ho|det|de|dette|no|nel|in|i)\b",
    re.IGNORECASE,
)
_ACCORDING = re.compile(
    r"\b(?:according to|laut|selon|d'après|según|segundo|secondo|volgens|ifølge|enligt|podle)"
    r"\s+(?P<source>[^,.;:()]{3,80})",
    re.IGNORECASE,
)
_ORDER = (
    NoteKind.RETRACTION,
    NoteKind.CLARIFICATION,
    NoteKind.CORRECTION,
    NoteKind.EDITORS_NOTE,
    NoteKind.UPDATE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says when it is read as a note.

    ``lone`` means a label without its text, which the next block brings.
    """

    kind: NoteKind
    cue: str
    language: str
    score: float
    lone: bool = False
    stated_time: str | None = None
    source: str | None = None


def read_note(text: str, languages: tuple[str, ...], hints: tuple[str, ...] = ()) -> Reading | None:
    """The best reading of a text as a note in any of the languages, or None."""
    plain = normalise(text[:_READ])
    if len(plain) < 4:
        return None
    hinted = _hint_kind(hints)
    folded = fold(plain)
    able = [c for c in map(cues_of, languages) if _may_be_note(folded, c, hinted)]
    if not able or _is_invitation(plain, languages):
        return None
    readings = [found for c in able if (found := _read(plain, c, hinted)) is not None]
    return max(readings, key=lambda r: (r.score, not r.lone), default=None)


def may_hold_note(text: str, languages: tuple[str, ...], hints: tuple[str, ...]) -> bool:
    """Whether a text has any sign of a note at all; cheap, and never wrong when it says no."""
    hinted = _hint_kind(hints)
    plain = normalise(text)
    folded = fold(plain)
    return hinted is not None or any(_has_cues(plain, folded, cues_of(c)) for c in languages)


def _has_cues(plain: str, folded: str, cues: Cues) -> bool:
    """Whether a label, or phrases enough for a note, stand in a text or could in a part of it."""
    able = _able_phrases(folded, cues)
    if _has_label(folded, able, cues):
        return True
    phrases = [cues.phrases[place] for place in able - {_LABEL}]
    if not _enough(phrases):
        return False
    return _enough(p for p in phrases if p.anchored or '"' in plain or p.pattern.search(plain))


def _enough(phrases: Iterable[Phrase]) -> bool:
    return round(sum(phrase.weight for phrase in phrases), 3) >= ACCEPT


def _has_label(folded: str, able: set[int], cues: Cues) -> bool:
    return _LABEL in able and cues.label_words.search(folded) is not None


def _may_be_note(folded: str, cues: Cues, hinted: NoteKind | None) -> bool:
    """Whether the cues that a text has the letters for could add up to a note."""
    if hinted is not None:
        return True
    able = _able_phrases(folded, cues)
    if _has_label(folded, able, cues):
        return True
    return _enough(cues.phrases[place] for place in able - {_LABEL})


def _able_phrases(folded: str, cues: Cues) -> set[int]:
    """The places of the phrases that a text has the letters for, and _LABEL for any label."""
    able: set[int] = set()
    for word in {*folded.split()}:
        known = len(word) <= _KEPT_WORD
        able |= (_places_in if known else _places_in.__wrapped__)(word, cues.language)
    return able


@lru_cache(maxsize=1 << 16)
def _places_in(word: str, language: str) -> frozenset[int]:
    """What one word has the letters for; kept, because texts share most of their words."""
    cues = cues_of(language)
    places = {place for root, listed in cues.phrase_roots if root in word for place in listed}
    return frozenset(places | {_LABEL} if holds(word, cues.label_roots) else places)


def _is_invitation(plain: str, languages: tuple[str, ...]) -> bool:
    """Whether a topic that outweighs a label ("report an error to us") is there."""
    return any(
        topic.label and topic.pattern.search(plain)
        for language in languages
        for topic in cues_of(language).topics
    )


def _hint_kind(hints: tuple[str, ...]) -> NoteKind | None:
    found = next((hint for hint in hints if _HINT.search(hint)), None)
    if found is None:
        return None
    lower = found.lower()
    return next((kind for word, kind in _HINT_KINDS if word in lower), NoteKind.CORRECTION)


def _read(plain: str, cues: Cues, hinted: NoteKind | None) -> Reading | None:
    match = cues.label_pattern.match(plain)
    label = _label_of(match, cues) if match else None
    rest = plain[match.end() :] if match and label else plain
    if match and label:
        if is_only_stamp(rest):
            return _lone(match, label, cues)
        if _is_teaser(rest, match, label):
            label, rest = None, plain
    phrases = _phrases(rest, cues)
    if label is None and not phrases and hinted is None:
        return None
    score = _score(plain, label, phrases, hinted, cues)
    if score < ACCEPT:
        return None
    strongest = max(phrases, key=lambda found: found[0].weight, default=None)
    cue = label.cue if label else strongest[0].cue if strongest else "hint"
    return Reading(
        kind=_kind(label, [phrase for phrase, _ in phrases], hinted),
        cue=cue,
        language=cues.language,
        score=min(1.0, score),
        stated_time=_stated_time(match if label else None, rest, phrases),
        source=_source(rest, cues),
    )


def _label_of(match: re.Match[str], cues: Cues) -> Label | None:
    return cues.labels.get(" ".join(match["label"].lower().split()))


def _lone(match: re.Match[str], label: Label, cues: Cues) -> Reading | None:
    """A label whose block holds nothing else: its text, if any, is the next block."""
    marked = match["mark"] in {":", "]", ")", "】"} or bool(match["stamp"])
    if label.stamp or not (label.alone or marked) or label.weight < ACCEPT:
        return None
    stated = _tidy(match["stamp"] or match["before"])
    return Reading(label.kind, label.cue, cues.language, ACCEPT, lone=True, stated_time=stated)


def _is_teaser(rest: str, match: re.Match[str], label: Label) -> bool:
    """Whether a label heads a stamp, a series line or a teaser of another story, not a note.

    A bracketed label with its date ("(Update 2 May) New release") is always a note.
    """
    dash = match["mark"] == "-" and not match["stamp"]
    if not match["mark"] or (dash and (label.stamp or label.kind is NoteKind.EDITORS_NOTE)):
        return True
    if match["outlet"] and label.kind in {NoteKind.UPDATE, NoteKind.EDITORS_NOTE}:
        return True
    if match["stamp"] and match.group().lstrip()[:1] in {"(", "[", "【"}:
        return False
    left = stamp().sub(" ", rest)
    words = _WORD.findall(left)
    letters = sum(_IDEOGRAM if sign > "\u2fff" else 1 for sign in left if sign.isalpha())
    if letters < _LEAST_LETTERS or (len(words) <= _FEW_WORDS and label.stamp):
        return True
    ends = rest.rstrip("\"')] ")[-1:] in set(".!?…。！？।:؟")
    teaser = letters < _SHORT_LINE or _is_title(words)
    return label.kind is NoteKind.UPDATE and not match["stamp"] and not ends and teaser


def _is_title(words: list[str]) -> bool:
    long = [word for word in words if len(word) > 3]
    return len(long) > 2 and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _phrases(text: str, cues: Cues) -> list[tuple[Phrase, re.Match[str]]]:
    """The phrases of the language in a text, outside its quotations."""
    able = [cues.phrases[place] for place in sorted(_able_phrases(fold(text), cues) - {_LABEL})]
    unquoted = _QUOTED.sub(lambda m: '"' + " " * (len(m.group()) - 2) + '"', text)
    found = ((phrase, phrase.pattern.search(unquoted)) for phrase in able)
    return [(phrase, match) for phrase, match in found if match]


def _score(
    plain: str,
    label: Label | None,
    phrases: list[tuple[Phrase, re.Match[str]]],
    hinted: NoteKind | None,
    cues: Cues,
) -> float:
    score = label.weight if label else 0.0
    score += sum(phrase.weight for phrase, _ in phrases)
    told = len(plain.split()) > 4 and plain[-1] in ".!?)]。"
    score += _HINT_WEIGHT if hinted and told else 0.0
    against = not label and any(topic.pattern.search(plain) for topic in cues.topics)
    return round(score - (_TOPIC if against else 0.0), 3)


def _kind(label: Label | None, phrases: list[Phrase], hinted: NoteKind | None) -> NoteKind:
    """The outlet's own label decides; without one the strongest phrase; then its mark-up."""
    if label and not label.cue.endswith("edit-label"):
        return label.kind
    kinds = {phrase.kind for phrase in phrases if phrase.weight >= ACCEPT or label}
    if hinted:
        kinds.add(hinted)
    kinds.update(phrase.kind for phrase in phrases if not kinds)
    return next((kind for kind in _ORDER if kind in kinds), NoteKind.UPDATE)


def _stated_time(
    match: re.Match[str] | None, rest: str, phrases: list[tuple[Phrase, re.Match[str]]]
) -> str | None:
    if match and (match["stamp"] or match["before"]):
        return _tidy(match["stamp"] or match["before"])
    for _, found in phrases:
        after = stamp().match(rest, found.end())
        if after and any(map(str.isdigit, after.group())):
            return _tidy(after.group())
    return None


def _tidy(stated: str | None) -> str | None:
    return stated.strip(" \t,.;/|()[]-") if stated else None


def _source(rest: str, cues: Cues) -> str | None:
    """Who the note cites, as worded, or None."""
    for pattern in (cues.says, _ACCORDING):
        match = pattern.search(rest[:300]) if pattern else None
        if match and not _NO_SOURCE.match(match["source"].strip()):
            return match["source"].strip()
    return None
