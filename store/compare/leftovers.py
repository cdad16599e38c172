"""What a note says was wrong, and what stands in the new text all the same.

What was wrong is what an admitted change replaced, or what the note itself denies ("11, not 12").
It counts where it is found again beside what it counted: another twelve of something else is no
error.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from store.compare.declaring import fresh_notes
from store.compare.drafts import Sides
from store.compare.features import words_of
from store.compare.lexicon import Lexicon, lexicon_of
from store.compare.significance import VALUES
from store.compare.standfirst import standfirst_blocks
from store.compare.typed import Fact
from store.compare.values import values_of
from store.model import BlockKind, Change, FactChange, Note, NoteKind
from store.text import normalise

_ADMITTING = frozenset({NoteKind.CORRECTION, NoteKind.CLARIFICATION, NoteKind.RETRACTION})
_COUNTS = frozenset({"number", "casualty_count"})
_KINDS = VALUES | {"name_spelling"}
# The words of four letters and more that two passages must share to speak of one thing.
_LEAST_SHARED = 2
_CONTENT_WORD = 4


@dataclass(frozen=True, slots=True)
class Leftover:
    """A value that was wrong, still standing: where, in which text.

    ``changed`` says that it was replaced elsewhere, and is not only denied by the note.
    """

    note: int
    fact: FactChange
    where: str
    text: str
    sentence: int | None = None
    changed: bool = True


def leftovers(sides: Sides, changes: Sequence[Change]) -> list[Leftover]:
    """Where a value still stands that a fresh note admits was wrong; each place once."""
    notes = {index: note for index, note in fresh_notes(sides.notes) if note.kind in _ADMITTING}
    found: dict[tuple[str, str], Leftover] = {}
    if not notes:
        return []
    admitted = [change for change in changes if change.declared_by in notes]
    left = [
        left
        for change in admitted
        for fact in change.facts
        for left in _left_of(sides, change, fact)
    ]
    left += [one for index, note in notes.items() for one in _denied(sides, index, note)]
    for one in left:
        found.setdefault((one.where, one.text), one)
    return list(found.values())


def _left_of(sides: Sides, change: Change, fact: FactChange) -> Iterator[Leftover]:
    note = change.declared_by
    if note is None or not fact.old or not fact.new or fact.type not in _KINDS:
        return
    for where, text, sentence in _places(sides):
        if sentence is not None and sentence in change.new_sentences:
            continue
        if _stands(fact, text, change, lexicon_of(sides.language)):
            yield Leftover(note, fact, where, text, sentence)


def _denied(sides: Sides, index: int, note: Note) -> Iterator[Leftover]:
    """Where a value stands that the note denies beside the right one: "it is 11, not 12"."""
    words = lexicon_of(note.language or sides.language)
    values = values_of(note.text, words)
    for right, wrong in itertools.permutations(values, 2):
        if right.value == wrong.value or not _comparable(right, wrong):
            continue
        if not _is_denied(note.text, wrong, words) or _is_denied(note.text, right, words):
            continue
        fact = FactChange(wrong.type, wrong.text, right.text)
        for where, text, sentence in _places(sides):
            stands = {value.value for value in values_of(text, words)}
            if wrong.value in stands and right.value not in stands and _about(note.text, text, 1):
                yield Leftover(index, fact, where, text, sentence, changed=False)


def _comparable(one: Fact, other: Fact) -> bool:
    return one.type == other.type or {one.type, other.type} <= _COUNTS


def _is_denied(text: str, value: Fact, words: Lexicon) -> bool:
    before = words_of(text[: value.start])
    return bool(before) and before[-1] in words.negators


def _places(sides: Sides) -> Iterator[tuple[str, str, int | None]]:
    """The new version's frame and sentences, notes left out, each with where it stands."""
    document = sides.new.document
    for where, text in (("headline", document.headline), ("standfirst", document.standfirst)):
        if text:
            yield f"in the {where}", text, None
    leading = standfirst_blocks(document)
    for index, sentence in enumerate(sides.new.sentences):
        if sentence.block in leading:
            continue
        block = document.blocks[sentence.block]
        if index not in sides.new_notes and block.kind is not BlockKind.NOTE:
            caption = block.kind is BlockKind.CAPTION
            yield "in a caption" if caption else "further in the text", sentence.text, index


def _stands(fact: FactChange, text: str, change: Change, words: Lexicon) -> bool:
    old, new = normalise(fact.old or ""), normalise(fact.new or "")
    if fact.type in {"name", "name_spelling"}:
        gone = [word for word in old.split() if word not in new.split()]
        sure = fact.type == "name_spelling" or _about(change.new or "", text, _LEAST_SHARED)
        return sure and bool(gone) and all(_has_word(text, word) for word in gone)
    before = [value for value in values_of(change.old or "", words) if value.text == fact.old]
    return any(
        _same_value(one, other) and _about(change.new or "", text, 1)
        for one in before
        for other in values_of(text, words)
    )


def _same_value(one: Fact, other: Fact) -> bool:
    return (one.type, one.value, one.slot) == (other.type, other.value, other.slot)


def _about(one: str, other: str, least: int) -> bool:
    return len(_content(one) & _content(other)) >= least


def _content(text: str) -> set[str]:
    return {word for word in words_of(normalise(text)) if len(word) >= _CONTENT_WORD}


def _has_word(text: str, word: str) -> bool:
    bare = word.strip(",.;:()'\"")
    return bool(bare) and re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", normalise(text)) is not None
