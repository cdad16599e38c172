"""Notes: where an outlet speaks about its own article.

Found on raw blocks, before any rule of ours calls something noise: by a label ("Update:"),
by a phrase ("an earlier version of this article"), by the outlet's mark-up, or in the
page's schema.org data. Everything is read from one block at a time, so the cost is small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from store.compare.language import guess_language, reading_languages
from store.compare.reading import (
    Reading,
    hint_kind,
    is_invitation,
    may_hold_note,
    read_note,
)
from store.compare.signs import blocks_with_signs
from store.model import Block, BlockKind, Claims, Note, NoteKind, Place
from store.sentences import sentences
from store.text import normalise

# A note's own block has to bring this many letters and signs after a lone label.
_SHORTEST_TEXT = 20
# A note that closes a block without one of its own is looked for in so many last sentences.
_TAIL = 200
# Such a note runs to the end of its block, unless more sentences than this follow: then it is
# the sentence that opens it and the next.
_LONG_TAIL, _SHORT_NOTE = 5, 2
# A paragraph as long as this, or half as long as the longest, is body text: notes before the
# first stand at the top. An ideogram says as much as this many letters.
_BODY_PARAGRAPH, _IDEOGRAM = 80, 3
# In a text of so many characters the guess of its language is sure.
_SURE = 1_000
# A sentence that speaks back ("We regret the error") brings so many before it.
_MOST_BACK = 5
# Cues that add up only over a whole block are a note in a block of no more sentences.
_MOST_SCATTERED = 6
_BRACKETED = re.compile(r"[\[(（【][^\[\]()（）【】]{15,1500}[\])）】]")
_ENDS = frozenset(".!?…。！？।؟:")
_PAIRS = {"(": ")", "[": "]"}
# A bracket that closes sooner holds only the label: "[Update] The council …".
_SHORTEST_BRACKET = 60
# A label in capitals opens a note in the middle of a line, too: "… said UPDATE 3 May: The …".
_CAPITALS = re.compile(r"(?<=[\w.!?…\"'”’)]\s)(?=[A-ZÀ-Þ][A-ZÀ-Þ' ]{3,24}\b[^.!?:]{0,40}:\s)")
_NO_CLAIMS = Claims()


@dataclass(frozen=True, slots=True)
class _Found:
    """A note found: its first block, how many blocks, its exact text and its reading."""

    block: int
    blocks: int
    text: str
    reading: Reading


def find_notes(
    blocks: Sequence[Block], language: str | None, claims: Claims = _NO_CLAIMS
) -> tuple[Note, ...]:
    """The notes in the blocks, in order, then those that only the metadata carries.

    ``language`` is ISO 639-1 or None; a language that the text contradicts is not trusted.
    """
    readers = _readers(blocks, language)
    signed = blocks_with_signs([block.text for block in blocks], readers)
    hinted = [place for place, block in enumerate(blocks) if hint_kind(block.hints)]
    found = [
        one
        for one in _find(blocks, sorted({*signed, *hinted}), readers)
        if not (claims.live_blog and _is_entry(one, blocks))
    ]
    own = _bodies(blocks, found, readers)
    notes = _once([_note(one, blocks, own) for one in found])
    notes += _from_claims(claims, readers, notes)
    return tuple(notes)


def mark_notes(blocks: Sequence[Block], notes: Sequence[Note]) -> tuple[Block, ...]:
    """The blocks, those that are wholly a note being of kind NOTE."""
    whole: set[int] = set()
    for note in notes:
        if note.block is not None:
            span = range(note.block, note.block + note.blocks)
            if note.blocks > 1 or _is_whole(note.text, blocks[note.block]):
                whole.update(span)
    return tuple(
        replace(block, kind=BlockKind.NOTE) if index in whole else block
        for index, block in enumerate(blocks)
    )


def looks_like_note(text: str, language: str | None, hints: tuple[str, ...] = ()) -> bool:
    """Whether a block's text is, or holds, a note; a lone label ("Update:") counts."""
    return next(_in_block(text, reading_languages(language), hints), None) is not None


def _readers(blocks: Sequence[Block], language: str | None) -> tuple[str, ...]:
    """The languages to read with: no neighbours of one that a long enough text agrees with."""
    sample = " ".join(block.text for block in blocks[:40])
    guessed = guess_language(sample)
    own = reading_languages(language) if language else ()
    if guessed is not None and own[:1] == (guessed,) and len(sample) >= _SURE:
        return tuple(dict.fromkeys((guessed, "en")))
    return tuple(dict.fromkeys([*own, *reading_languages(guessed)])) if guessed or not own else own


def _find(
    blocks: Sequence[Block], places: Sequence[int], readers: tuple[str, ...]
) -> Iterator[_Found]:
    """The notes of the blocks at the places, which have signs of any."""
    taken = -1
    for index in places:
        if index <= taken:
            continue
        for text, reading in _in_block(blocks[index].text, readers, blocks[index].hints):
            if not reading.lone:
                yield _Found(index, 1, text, reading)
            elif index + 1 == len(blocks) and text.endswith(":"):
                yield _Found(index, 1, text, replace(reading, lone=False))
            elif (found := _with_next(blocks, index, reading, readers)) is not None:
                yield found
                taken = index + 1


def _is_entry(found: _Found, blocks: Sequence[Block]) -> bool:
    """Whether a note would be an entry of a live blog: an update that is a heading or under one."""
    heads = blocks[found.block].kind is BlockKind.HEADING or found.blocks > 1
    return heads and found.reading.kind is NoteKind.UPDATE


def _once(notes: list[Note]) -> list[Note]:
    """The notes, one that stands at the top and again at the end counting once."""
    seen: dict[str, Note] = {}
    for note in notes:
        seen.setdefault(normalise(note.text), note)
    return list(seen.values())


def _with_next(
    blocks: Sequence[Block], index: int, reading: Reading, readers: tuple[str, ...]
) -> _Found | None:
    """A lone label together with the block that brings its text."""
    if index + 1 >= len(blocks) or blocks[index + 1].kind is BlockKind.HEADING:
        return None
    following = blocks[index + 1].text
    ends = following.rstrip("\"'”’»)] ")[-1:] in _ENDS or blocks[index].text.endswith(":")
    if _length(following) < (_SHORTEST_TEXT if ends else _BODY_PARAGRAPH):
        return None
    body = read_note(following, readers)
    source = body.source if body else None
    stated = reading.stated_time or (body.stated_time if body else None)
    return _Found(
        index,
        2,
        f"{blocks[index].text}\n{following}",
        replace(reading, lone=False, source=source, stated_time=stated),
    )


def _in_block(
    text: str, readers: tuple[str, ...], hints: tuple[str, ...]
) -> Iterator[tuple[str, Reading]]:
    """The notes of one block: the whole of it, or brackets and closing sentences in it."""
    if not may_hold_note(text, readers, hints):
        return
    text = text.strip()
    reading = read_note(text, readers, hints)
    pieces = [part for sentence in sentences(text) for part in _CAPITALS.split(sentence) if part]
    if reading is not None and (len(pieces) < 2 or _opens(pieces[0], readers, hints)):
        yield _closed(text), reading
        return
    bracketed = False
    for match in _BRACKETED.finditer(text):
        inner = read_note(match.group(), readers)
        if inner is not None and not inner.lone:
            bracketed = True
            yield match.group(), inner
    if bracketed:
        return
    tail = _tail(pieces, readers)
    if tail is not None:
        yield tail
    elif reading is not None and len(pieces) <= _MOST_SCATTERED:
        yield text, reading


def _closed(text: str) -> str:
    """A text that opens with a bracket, up to where that bracket closes."""
    if text[:1] not in _PAIRS:
        return text
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == text[0]) - (sign == _PAIRS[text[0]])
        if not depth:
            return text[: place + 1] if place > _SHORTEST_BRACKET else text
    return text


def _opens(first: str, readers: tuple[str, ...], hints: tuple[str, ...]) -> bool:
    return hint_kind(hints) is not None or read_note(first, readers) is not None


def _tail(pieces: list[str], readers: tuple[str, ...]) -> tuple[str, Reading] | None:
    """From the first sentence that opens a note to the end of its block."""
    for index in range(max(1, len(pieces) - _TAIL), len(pieces)):
        reading = read_note(pieces[index], readers)
        if reading is not None and not reading.lone:
            start = 0 if reading.back and index <= _MOST_BACK else index
            end = index + _SHORT_NOTE if len(pieces) - index > _LONG_TAIL else len(pieces)
            rest = "".join(pieces[start:end]).strip()
            return rest, read_note(rest, readers) or reading
    return None


def _note(found: _Found, blocks: Sequence[Block], bodies: range) -> Note:
    reading = found.reading
    return Note(
        kind=reading.kind,
        text=found.text,
        place=_place(found, blocks, bodies),
        language=reading.language,
        cue=reading.cue,
        block=found.block,
        blocks=found.blocks,
        stated_time=reading.stated_time,
        source=reading.source,
        confidence=reading.score,
    )


def _place(found: _Found, blocks: Sequence[Block], bodies: range) -> Place:
    """Before the first block of the body is the top, behind the last one the end."""
    if found.block <= bodies.start:
        whole = found.blocks > 1 or _is_whole(found.text, blocks[found.block])
        return Place.TOP if whole or len(blocks) == 1 else Place.INLINE
    return Place.END if found.block + found.blocks >= bodies.stop else Place.INLINE


def _bodies(blocks: Sequence[Block], found: list[_Found], readers: tuple[str, ...]) -> range:
    """From the first block of the body to the last, that are neither notes nor standing lines."""
    notes = {
        place
        for one in found
        for place in range(one.block, one.block + one.blocks)
        if one.blocks > 1 or _is_whole(one.text, blocks[one.block])
    }
    lengths = {
        place: _length(block.text)
        for place, block in enumerate(blocks)
        if found and place not in notes and block.kind is BlockKind.PARAGRAPH
    }
    least = min(_BODY_PARAGRAPH, max(lengths.values(), default=0) // 2)
    places = [place for place, length in lengths.items() if length >= least]
    while len(places) > 1 and is_invitation(normalise(blocks[places[-1]].text), readers):
        places.pop()
    return range(places[0], places[-1] + 1) if places else range(len(blocks), len(blocks))


def _is_whole(text: str, block: Block) -> bool:
    return block.text.strip() == text


def _length(text: str) -> int:
    """Characters, those of East Asian scripts weighted by what they say."""
    return len(text) if text.isascii() else sum(_IDEOGRAM if c > "\u2fff" else 1 for c in text)


def _from_claims(claims: Claims, readers: tuple[str, ...], found: list[Note]) -> list[Note]:
    """Corrections that schema.org data carries and the text does not."""
    known = [normalise(note.text) for note in found]
    notes: list[Note] = []
    for text, stated in zip_longest(claims.corrections, claims.correction_times):
        plain = normalise(text)
        if not plain or any(plain in other or other in plain for other in known):
            continue
        reading = read_note(text, readers)
        notes.append(
            Note(
                kind=reading.kind if reading else NoteKind.CORRECTION,
                text=text.strip(),
                place=Place.METADATA,
                language=reading.language if reading else None,
                cue="schema.org/correction",
                stated_time=(reading and reading.stated_time) or stated,
                source=reading.source if reading else None,
            )
        )
        known.append(plain)
    return notes
