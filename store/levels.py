"""What only the one of two templates shows, when a page's template changed. Pure.

A redesign brings a byline to where none could be read, hides the standfirst, or moves the
author's name into the text: nobody edited anything. The class and id words around the paragraphs
that both looks have in common say whether the template is another; then what stands on one side
alone around the text, not in it, is left out of the comparison.
"""

from __future__ import annotations

import re
from dataclasses import replace

from store.model import Block, BlockKind, Document
from store.text import normalise

# Fewer common paragraphs do not say what a template is.
_LEAST_COMMON = 3
# Of the common paragraphs, those with the same class and id words around them.
_SAME_TEMPLATE = 0.5
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*$")


def levelled(old: Document, new: Document) -> tuple[Document, Document]:
    """Two readings as they are compared: without what only one of two templates shows."""
    old, new = _signed(old, new.byline), _signed(new, old.byline)
    if not is_redesigned(old, new):
        return old, new
    both = frozenset(_texts(old)) & frozenset(_texts(new))
    return _levelled(old, new, both), _levelled(new, old, both)


def is_redesigned(old: Document, new: Document) -> bool:
    """Whether most of the paragraphs that two readings share stand in other mark-up now."""
    places = dict(zip(_texts(old), old.blocks, strict=True))
    common = [
        (places[text], block)
        for text, block in zip(_texts(new), new.blocks, strict=True)
        if text in places and block.kind is not BlockKind.NOTE
    ]
    same = sum(_alike(before, after) for before, after in common)
    return len(common) >= _LEAST_COMMON and same < _SAME_TEMPLATE * len(common)


def _alike(one: Block, other: Block) -> bool:
    """Whether two blocks stand in mark-up of one name, made-up endings apart ("text_1x7f")."""
    if one.hints == other.hints:
        return True
    names, others = ({hint.split("_")[0] for hint in block.hints} for block in (one, other))
    return names == others or not names.isdisjoint(others)


def _texts(document: Document) -> list[str]:
    return [normalise(block.text) for block in document.blocks]


def _signed(own: Document, other: str | None) -> Document:
    """One reading whose byline is in its place, though it stands in the text like a paragraph.

    ``other`` is the byline of the other reading: the same words were recognised there.
    """
    names = {normalise(byline) for byline in (own.byline, other) if byline}
    kept = [
        at
        for at, text in enumerate(_texts(own))
        if text not in names or own.blocks[at].kind is BlockKind.NOTE
    ]
    if len(kept) == len(own.blocks):
        return own
    return replace(_with_blocks(own, kept), byline=own.byline or other)


def _with_blocks(own: Document, kept: list[int]) -> Document:
    """One reading with only the blocks at ``kept``, among them all that are of notes."""
    place = {at: new for new, at in enumerate(kept)}
    return replace(
        own,
        blocks=tuple(own.blocks[at] for at in kept),
        notes=tuple(
            note if note.block is None else replace(note, block=place[note.block])
            for note in own.notes
        ),
    )


def _levelled(own: Document, other: Document, both: frozenset[str]) -> Document:
    """One reading without the parts of the frame that the other has not."""
    texts = _texts(own)
    first = next(at for at, text in enumerate(texts) if text in both)
    parts = (own.byline, own.standfirst, other.byline, other.standfirst)
    frame = {normalise(part) for part in parts if part}
    kept = [
        at
        for at, block in enumerate(own.blocks)
        if texts[at] in both
        or not (block.kind is BlockKind.CAPTION or (at < first and _is_frame(block, frame)))
    ]
    return replace(
        _with_blocks(own, kept),
        byline=own.byline if other.byline else None,
        standfirst=own.standfirst if other.standfirst else None,
    )


def _is_frame(block: Block, frame: set[str]) -> bool:
    """Whether a block before the text belongs to the frame of either side, or is no sentence."""
    if block.kind is BlockKind.NOTE:
        return False
    return normalise(block.text) in frame or not _SENTENCE_END.search(block.text)
