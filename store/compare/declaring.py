"""Which note admits which change: the notes' own words against the values that changed."""

from __future__ import annotations

from collections.abc import Sequence

from store.compare.features import words_of
from store.model import FactChange, Note, NoteChange, NoteStatus
from store.text import normalise

# A note this short ("This article has been corrected.") does not say what it admits.
_GENERIC_WORDS = 9
# The share of a change's own words that a note must repeat to admit it without a value.
_SHARED_WORDS = 0.6
_LEAST_WORDS = 3
_CONTENT_WORD = 4


def fresh_notes(notes: Sequence[NoteChange]) -> list[tuple[int, Note]]:
    """The notes that can admit a change of this version: added or reworded ones."""
    return [
        (index, change.note)
        for index, change in enumerate(notes)
        if change.status in {NoteStatus.ADDED, NoteStatus.EDITED}
    ]


def declaring_note(
    facts: Sequence[FactChange], old: str, new: str, notes: Sequence[tuple[int, Note]]
) -> int | None:
    """The index of the note that admits a change, or None."""
    if not notes:
        return None
    came_or_went = _content(old) ^ _content(new)
    for index, note in notes:
        plain = f" {' '.join(words_of(normalise(note.text)))} "
        if any(_names(plain, fact) for fact in facts):
            return index
        named = sum(f" {word} " in plain for word in came_or_went)
        if named >= max(_LEAST_WORDS, _SHARED_WORDS * len(came_or_went)):
            return index
    return None


def is_generic(note: Note) -> bool:
    """Whether a note says that something changed but not what."""
    return len(words_of(note.text)) <= _GENERIC_WORDS


def _names(plain: str, fact: FactChange) -> bool:
    """Whether a note holds the old or the new value of a fact, as whole words."""
    values = (" ".join(words_of(normalise(value))) for value in (fact.old, fact.new) if value)
    return any(value and f" {value} " in plain for value in values)


def _content(text: str) -> set[str]:
    return {word for word in words_of(normalise(text)) if len(word) >= _CONTENT_WORD}
