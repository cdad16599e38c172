"""Notes: where an outlet speaks about its own article.

Found on raw blocks, before any rule of ours calls something noise: by a label ("Update:"),
by a phrase ("an earlier version of this article"), by the outlet's mark-up, or in the
page's schema.org data. Everything is read from one block at a time, so the cost is small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from store.compare.language import guess_language, reading_languages
from store.compare.reading import Reading, may_hold_note, read_note
from store.model import Block, BlockKind, Claims, Note, NoteKind, Place
from store.text import normalise, sentences

# A note's own block has to bring this many letters and signs after a lone label.
_SHORTEST_TEXT = 20
# A note that closes a block without one of its own is looked for in so many last sentences.
_TAIL = 200
# Such a note runs to the end of its block, unless more sentences than this follow: then it is
# the sentence that opens it and the next.
_LONG_TAIL, _SHORT_NOTE = 5, 2
# A paragraph as long as this is body text: notes before the first stand at the top.
_BODY_PARAGRAPH = 80
_BRACKETED = re.compile(r"[\[(（【][^\[\]()（）【】]{15,1500}[\])）】]")
_ENDS = frozenset(".!?…。！？।؟:")
_BULLET = re.compile(r"^\s*[-•*·►▶]\s+")
_PAIRS = {"(": ")", "[": "]"}
# A bracket that closes sooner holds only the label: "[Update] The council …".
_SHORTEST_BRACKET = 60
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
    notes = [_note(found, blocks) for found in _find(blocks, readers)]
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
    guessed = guess_language(" ".join(block.text for block in blocks[:40]))
    own = reading_languages(language) if language else ()
    return tuple(dict.fromkeys([*own, *reading_languages(guessed)])) if guessed or not own else own


def _find(blocks: Sequence[Block], readers: tuple[str, ...]) -> Iterator[_Found]:
    taken = -1
    for index, block in enumerate(blocks):
        if index <= taken:
            continue
        for text, reading in _in_block(block.text, readers, block.hints):
            if not reading.lone:
                yield _Found(index, 1, text, reading)
            elif index + 1 == len(blocks) and text.endswith(":"):
                yield _Found(index, 1, text, replace(reading, lone=False))
            elif (found := _with_next(blocks, index, reading, readers)) is not None:
                yield found
                taken = index + 1


def _with_next(
    blocks: Sequence[Block], index: int, reading: Reading, readers: tuple[str, ...]
) -> _Found | None:
    """A lone label together with the block that brings its text."""
    if index + 1 >= len(blocks) or blocks[index + 1].kind is BlockKind.HEADING:
        return None
    following = blocks[index + 1].text
    ends = following.rstrip("\"'”’»)] ")[-1:] in _ENDS
    if len(following) < (_SHORTEST_TEXT if ends else _BODY_PARAGRAPH):
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
    text = _BULLET.sub("", text).strip()
    reading = read_note(text, readers, hints)
    pieces = sentences(text)
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
    elif reading is not None:
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
    return bool(hints) or read_note(first, readers) is not None


def _tail(pieces: list[str], readers: tuple[str, ...]) -> tuple[str, Reading] | None:
    """From the first sentence that opens a note to the end of its block."""
    for index in range(max(1, len(pieces) - _TAIL), len(pieces)):
        reading = read_note(pieces[index], readers)
        if reading is not None and not reading.lone:
            end = index + _SHORT_NOTE if len(pieces) - index > _LONG_TAIL else len(pieces)
            rest = "".join(pieces[index:end]).strip()
            return rest, read_note(rest, readers) or reading
    return None


def _note(found: _Found, blocks: Sequence[Block]) -> Note:
    reading = found.reading
    return Note(
        kind=reading.kind,
        text=found.text,
        place=_place(found, blocks),
        language=reading.language,
        cue=reading.cue,
        block=found.block,
        blocks=found.blocks,
        stated_time=reading.stated_time,
        source=reading.source,
        confidence=reading.score,
    )


def _place(found: _Found, blocks: Sequence[Block]) -> Place:
    if not any(map(_is_body, blocks[: found.block])):
        whole = found.blocks > 1 or _is_whole(found.text, blocks[found.block])
        return Place.TOP if whole or len(blocks) == 1 else Place.INLINE
    if not any(map(_is_body, blocks[found.block + found.blocks :])):
        return Place.END
    return Place.INLINE


def _is_whole(text: str, block: Block) -> bool:
    return _BULLET.sub("", block.text).strip() == text


def _is_body(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and len(block.text) >= _BODY_PARAGRAPH


def _from_claims(claims: Claims, readers: tuple[str, ...], found: list[Note]) -> list[Note]:
    """Corrections that schema.org data carries and the text does not."""
    known = [normalise(note.text) for note in found]
    notes: list[Note] = []
    for text in claims.corrections:
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
                stated_time=reading.stated_time if reading else None,
                source=reading.source if reading else None,
            )
        )
        known.append(plain)
    return notes
