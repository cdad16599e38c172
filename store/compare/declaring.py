"""Which note admits which change: the notes' own words against what changed.

A note admits a change when it names the value that went or the one that came, the name or the
part of it that was misspelled, the part of the article ("in the headline", "in the third
paragraph"), or most of the words that differ. A note that says only that the story was updated
admits what was added, never that something was replaced: that is the line a standards editor
would draw. A correction that does not say what it corrects neither admits nor is held against
anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from store.compare.features import words_of
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.places import named_paragraphs, named_parts
from store.compare.significance import NOTE_KINDS, is_factual
from store.compare.values import values_of
from store.model import ChangeKind, FactChange, Note, NoteChange, NoteKind, NoteStatus
from store.text import normalise

# A note this short ("This article has been corrected.") does not say what it admits.
_GENERIC_WORDS = 9
# The share of a change's own words that a note must repeat to admit it without a value.
_SHARED_WORDS = 0.6
_LEAST_WORDS = 3
_CONTENT_WORD = 4
_NAME = re.compile(r"[^\W\d_A-Z][,;]?\s[A-ZÀ-ÖØ-Þ]\w")
_QUOTED = re.compile(r"[\"'](?P<said>[^\"']+)[\"']")  # of a normalised text
_NAMES = frozenset({"name", "name_spelling", "speaker", "attribution", "title", "byline"})
_WORDED = frozenset({"allegation", "status", "hedge", "negation"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A change as a note may speak of it: kind, facts, both texts, and the paragraph it is in.

    ``paragraph`` counts from 1; ``paragraphs`` is how many there are. None in the frame.
    """

    kind: ChangeKind
    facts: tuple[FactChange, ...]
    old: str
    new: str
    paragraph: int | None = None
    paragraphs: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """What a note says: its text, its words as one line, its values, its language's words."""

    text: str
    plain: str
    values: frozenset[str]
    words: Lexicon


def fresh_notes(notes: Sequence[NoteChange]) -> list[tuple[int, Note]]:
    """The notes that can admit a change of this version: added or reworded ones."""
    return [
        (index, change.note)
        for index, change in enumerate(notes)
        if change.status in {NoteStatus.ADDED, NoteStatus.EDITED}
    ]


def declaring_note(passage: Passage, notes: Sequence[tuple[int, Note]]) -> int | None:
    """The index of the first note that admits a change, or None."""
    return next((index for index, note in notes if _admits(note, passage)), None)


@lru_cache(maxsize=256)
def is_generic(note: Note) -> bool:
    """Whether a note says that something changed but not what."""
    text = _own_words(note)
    if len(words_of(text)) > _GENERIC_WORDS or re.search(r"\d", text) or named_parts(text):
        return False
    # German writes every noun with a capital, so a capital is no sign of a name there.
    named = note.language != "de" and _NAME.search(text)
    return not named and not _said_in(note).values


def only_says_updated(kind: ChangeKind, note: Note) -> bool:
    """Whether a note admits an addition by saying that the article was updated, and no more."""
    return kind is ChangeKind.ADDED and note.kind is NoteKind.UPDATE and is_generic(note)


def is_silent(
    kind: ChangeKind,
    facts: Sequence[FactChange],
    declared_by: int | None,
    notes: Sequence[tuple[int, Note]],
) -> bool:
    """Whether a fact changed that calls for a note and has none."""
    if declared_by is not None or kind in NOTE_KINDS or kind is ChangeKind.BYLINE:
        return False
    return is_factual(facts) and vague_note(notes) is None


def vague_note(notes: Sequence[tuple[int, Note]]) -> int | None:
    """The index of a note that admits an error and does not say which, or None."""
    return next(
        (index for index, note in notes if is_generic(note) and note.kind is not NoteKind.UPDATE),
        None,
    )


def _admits(note: Note, passage: Passage) -> bool:
    if only_says_updated(passage.kind, note):
        return True
    said = _said_in(note)
    if any(_names(said, fact, passage) for fact in passage.facts):
        return True
    return _points_at(note, passage) or _repeats(said.plain, passage)


@lru_cache(maxsize=64)
def _said_in(note: Note) -> _Said:
    text, words = _own_words(note), lexicon_of(note.language)
    return _Said(text, _plain(text), frozenset(v.value for v in values_of(text, words)), words)


def _own_words(note: Note) -> str:
    """A note without the time it states, which is no value of the article."""
    text = normalise(note.text)
    return text.replace(normalise(note.stated_time), " ", 1) if note.stated_time else text


def _plain(text: str) -> str:
    return f" {' '.join(words_of(text))} "


def _names(said: _Said, fact: FactChange, passage: Passage) -> bool:
    """Whether a note holds the old or the new value of a fact."""
    values = [value for value in (fact.old, fact.new) if value]
    if fact.type in _NAMES:
        return any(f" {part} " in said.plain for part in _telling_parts(fact))
    if fact.type == "quote":
        return any(_quotes_from(said.text, value) for value in values)
    if fact.type in _WORDED:
        return any(_plain(value) in said.plain for value in values if words_of(value))
    held = [_says_value(said, value) for value in values]
    return all(held) or (any(held) and _shares_a_word(said.plain, passage))


def _quotes_from(text: str, quote: str) -> bool:
    """Whether a note quotes two words or more out of a quotation."""
    spoken = _plain(normalise(quote))
    said = (words_of(match["said"]) for match in _QUOTED.finditer(text))
    return any(len(words) > 1 and f" {' '.join(words)} " in spoken for words in said)


def _telling_parts(fact: FactChange) -> set[str]:
    """The words of a name that are not the same on both sides; all of them where one is None."""
    old, new = {*words_of(normalise(fact.old or ""))}, {*words_of(normalise(fact.new or ""))}
    return {word for word in old ^ new if len(word) > 1}


def _says_value(said: _Said, value: str) -> bool:
    """Whether a note holds a value, as it stands or written otherwise ("12" for "twelve")."""
    if _plain(normalise(value)) in said.plain:
        return True
    return any(found.value in said.values for found in values_of(value, said.words))


def _shares_a_word(plain: str, passage: Passage) -> bool:
    """Whether a note speaks of what the passage speaks of: one value alone may be chance."""
    return any(f" {word} " in plain for word in _content(passage.old) | _content(passage.new))


def _repeats(plain: str, passage: Passage) -> bool:
    came_or_went = _content(passage.old) ^ _content(passage.new)
    named = sum(f" {word} " in plain for word in came_or_went)
    return named >= max(_LEAST_WORDS, _SHARED_WORDS * len(came_or_went))


def _points_at(note: Note, passage: Passage) -> bool:
    """Whether a note names the part of the article in which the passage stands."""
    if passage.paragraph is None:
        return passage.kind.value in named_parts(note.text)
    named = named_paragraphs(note.text, passage.paragraphs)
    return passage.paragraph in named and is_factual(passage.facts)


def _content(text: str) -> set[str]:
    return {word for word in words_of(normalise(text)) if len(word) >= _CONTENT_WORD}
