"""Reading one text as a note: the evidence, the kind, the stamp and the source it cites."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from store.compare.cue_files import Cues, Label, Phrase, cues_of, label_pattern
from store.compare.dates import is_only_stamp, is_preposition, stamp, stamp_pattern, tells_time
from store.compare.roots import fold
from store.compare.signs import ACCEPT, label_able, may_add_up, phrases_able, signs_in
from store.model import NoteKind
from store.text import normalise

# A note gives itself away within so many characters.
_READ = 4_000
# Naming the article is the setting of a note and tells nothing of its kind.
_CONTEXT = "/this-article"
_STAMP_EDGES = " \t,;/|()[]-"
# A stop behind these is theirs: "11:42 a.m.".
_HALF_DAYS = ("a.m", "p.m")
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
# A stamp that opens the text behind its label: "UPDATES: 2:58 p.m.: The council …".
_OPENING = re.compile(
    rf"(?P<stamp>{stamp_pattern()})(?:\s?[:)\]】|-]|\s(?=[\u3040-\u9fff\uac00-\ud7af]))",
    re.IGNORECASE,
)
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

    ``lone`` means a label without its text, which the next block brings; ``back`` that it
    speaks about the sentences before it ("We regret the error").
    """

    kind: NoteKind
    cue: str
    language: str
    score: float
    lone: bool = False
    back: bool = False
    stated_time: str | None = None
    source: str | None = None


def read_note(text: str, languages: tuple[str, ...], hints: tuple[str, ...] = ()) -> Reading | None:
    """The best reading of a text as a note in any of the languages, or None."""
    plain = normalise(text[:_READ])
    if len(plain) < 4:
        return None
    hinted = hint_kind(hints)
    words = {*plain.split()}
    able = [c for c in map(cues_of, languages) if hinted or _may_be_note(plain, words, c)]
    if not able or is_invitation(plain, languages):
        return None
    readings = [found for c in able if (found := _read(plain, c, hinted)) is not None]
    return max(readings, key=lambda r: (r.score, not r.lone), default=None)


def may_hold_note(text: str, languages: tuple[str, ...], hints: tuple[str, ...]) -> bool:
    """Whether a text has any sign of a note at all; cheap, and never wrong when it says no."""
    if hint_kind(hints) is not None:
        return True
    plain = normalise(text)
    words = {*plain.split()}
    return any(_has_cues(plain, words, cues_of(c)) for c in languages)


def _has_cues(plain: str, words: set[str], cues: Cues) -> bool:
    """Whether a label, or phrases enough for a note, stand in a text or could in a part of it."""
    label, phrases = _able(plain, words, cues)
    if label or not _enough(phrases):
        return label
    return _enough(p for p in phrases if p.anchored or '"' in plain or p.pattern.search(plain))


def _may_be_note(plain: str, words: set[str], cues: Cues) -> bool:
    """Whether the cues that a text has the letters for could add up to a note."""
    label, phrases = _able(plain, words, cues)
    return label or _enough(phrases)


def _able(plain: str, words: set[str], cues: Cues) -> tuple[bool, list[Phrase]]:
    """Whether a text holds a label, and the phrases that it has the letters for, if any do."""
    bits = signs_in(words, cues.language)
    if not may_add_up(bits, cues.language):
        return False, []
    label = label_able(bits) and cues.label_words.search(fold(plain)) is not None
    return label, [cues.phrases[place] for place in phrases_able(bits, cues.language)]


def _enough(phrases: Iterable[Phrase]) -> bool:
    return round(sum(phrase.weight for phrase in phrases), 3) >= ACCEPT


def is_invitation(plain: str, languages: tuple[str, ...]) -> bool:
    """Whether a topic that outweighs a label ("report an error to us") is there."""
    return any(
        topic.label and topic.pattern.search(plain)
        for language in languages
        for topic in cues_of(language).topics
    )


@lru_cache(maxsize=4096)
def hint_kind(hints: tuple[str, ...]) -> NoteKind | None:
    """The kind of note that the outlet's own mark-up names, or None."""
    found = next((hint for hint in hints if _HINT.search(hint)), None)
    if found is None:
        return None
    lower = found.lower()
    return next((kind for word, kind in _HINT_KINDS if word in lower), NoteKind.CORRECTION)


def _read(plain: str, cues: Cues, hinted: NoteKind | None) -> Reading | None:
    match = label_pattern(cues.language).match(plain)
    label = _label_of(match, cues) if match else None
    rest = plain[match.end() :] if match and label else plain
    if match and label:
        if is_only_stamp(rest):
            return _lone(match, rest, label, cues)
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
    kind = _kind(label, [phrase for phrase, _ in phrases], hinted)
    phrases.sort(key=lambda found: found[0].kind is not kind)
    return Reading(
        kind=kind,
        cue=cue,
        language=cues.language,
        score=min(1.0, score),
        back=label is None and hinted is None and all(phrase.back for phrase, _ in phrases),
        stated_time=_stated_time(match if label else None, rest, phrases),
        source=_source(rest, cues),
    )


def _label_of(match: re.Match[str], cues: Cues) -> Label | None:
    return cues.labels.get(" ".join(match["label"].lower().split()))


def _lone(match: re.Match[str], rest: str, label: Label, cues: Cues) -> Reading | None:
    """A label whose block holds nothing else: its text, if any, is the next block.

    An update with its stamp behind the colon ("Update: 4 May, 11:42") is the page's own stamp.
    """
    marked = match["mark"] in {":", "ः", "]", ")", "】"} or bool(match["stamp"])
    if label.stamp or not (label.alone or marked) or label.weight < ACCEPT:
        return None
    if rest and label.kind is NoteKind.UPDATE and not rest.endswith(":"):
        return None
    stated = _tidy(match["stamp"] or match["before"] or rest)
    return Reading(label.kind, label.cue, cues.language, ACCEPT, lone=True, stated_time=stated)


def _is_teaser(rest: str, match: re.Match[str], label: Label) -> bool:
    """Whether a label heads a stamp, a series line or a teaser of another story, not a note.

    A bracketed label with its date ("(Update 2 May) New release") is always a note.
    """
    dash = match["mark"] == "-" and not match["stamp"]
    bare = not match["mark"] and (label.stamp or not match["stamp"])
    if bare or (dash and (label.stamp or label.kind is NoteKind.EDITORS_NOTE)):
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
    if label.kind is not NoteKind.UPDATE or rest.rstrip("\"')] +*")[-1:] in set(".!?…。！？।:؟"):
        return False
    return not match["mark"] or (not match["stamp"] and (letters < _SHORT_LINE or _is_title(words)))


def _is_title(words: list[str]) -> bool:
    long = [word for word in words if len(word) > 3]
    return len(long) > 2 and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _phrases(text: str, cues: Cues) -> list[tuple[Phrase, re.Match[str]]]:
    """The phrases of the language in a text, outside its quotations."""
    bits = signs_in({*text.split()}, cues.language)
    able = [cues.phrases[place] for place in phrases_able(bits, cues.language)]
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
    """The outlet's own label decides; without one the phrases, together; then its mark-up."""
    if label and label.weight >= ACCEPT and not label.cue.endswith("edit-label"):
        return label.kind
    weights: Counter[NoteKind] = Counter()
    for phrase in phrases:
        if phrase.cue.endswith(_CONTEXT):
            continue
        weights[phrase.kind] += round(100 * phrase.weight)
    told = {kind for kind, weight in weights.items() if weight >= 100 * ACCEPT}
    told |= {hinted} if hinted else set()
    kinds = told or ({label.kind} if label and not phrases else {*weights})
    return next((kind for kind in _ORDER if kind in kinds), NoteKind.UPDATE)


def _stated_time(
    match: re.Match[str] | None, rest: str, phrases: list[tuple[Phrase, re.Match[str]]]
) -> str | None:
    """The time beside the label, or right behind or in a phrase that says what was done."""
    if match and (match["stamp"] or match["before"]):
        return _tidy(match["stamp"] or match["before"])
    opening = _OPENING.match(rest) if match else None
    if opening and tells_time(opening.group()):
        return _tidy(opening["stamp"])
    for _, phrase in phrases:
        inside = stamp().search(rest, phrase.start(), phrase.end())
        for found in (stamp().match(rest, phrase.end()), inside):
            if found and tells_time(found.group()):
                return _tidy(found.group())
    return None


def _tidy(stated: str | None) -> str | None:
    """A stamp as worded, without the brackets around it and the prepositions beside it."""
    words = (stated or "").strip(_STAMP_EDGES).split()
    while len(words) > 1 and is_preposition(words[0]):
        words = words[1:]
    while len(words) > 1 and words[-1] != "am" and is_preposition(words[-1]):
        words = words[:-1]
    tidy = " ".join(words).strip(_STAMP_EDGES)
    kept = tidy.rstrip(".")
    return tidy[: len(kept) + 1] if kept.endswith(_HALF_DAYS) else kept or None


def _source(rest: str, cues: Cues) -> str | None:
    """Who the note cites, as worded, or None."""
    for pattern in (cues.says, _ACCORDING):
        match = pattern.search(rest[:300]) if pattern else None
        if match and not _NO_SOURCE.match(match["source"].strip()):
            return match["source"].strip()
    return None
