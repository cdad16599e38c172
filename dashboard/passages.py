"""A comparison, arranged for reading: the paragraphs of the new version in their order, with what
was removed standing where it stood. Pure; knows no HTML.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from store.model import (
    AlignedPair,
    BlockKind,
    Change,
    Comparison,
    Document,
    LinkKind,
    NoteChange,
    NoteStatus,
    Sentence,
    Span,
)

_WIDE = frozenset("。！？｡．」』")
_MOVING = frozenset({LinkKind.MOVED, LinkKind.MOVED_EDITED})


class State(StrEnum):
    """What happened to a paragraph as a whole."""

    SAME = "same"
    EDITED = "edited"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one sentence's redline.

    ``change`` is the index of the comparison's change it belongs to; ``moved_from`` the
    old paragraph of a sentence that came from elsewhere.
    """

    op: str
    text: str
    change: int | None = None
    moved_from: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; ``old_block`` and ``new_block`` say where it stands in either version."""

    state: State
    pieces: tuple[Piece, ...]
    kind: BlockKind = BlockKind.PARAGRAPH
    old_block: int | None = None
    new_block: int | None = None

    @property
    def changes(self) -> tuple[int, ...]:
        """The changes that show in it, in reading order."""
        return tuple(dict.fromkeys(p.change for p in self.pieces if p.change is not None))


@dataclass(slots=True)
class _Desk:
    """What the functions below look up, gathered once."""

    comparison: Comparison
    old: Document
    new: Document
    of_old: dict[int, AlignedPair] = field(default_factory=dict)
    of_new: dict[int, AlignedPair] = field(default_factory=dict)
    change_of: dict[tuple[str, int], int] = field(default_factory=dict)
    new_blocks: dict[int, list[int]] = field(default_factory=dict)


def paragraphs(comparison: Comparison, old: Document, new: Document) -> list[Paragraph]:
    """The whole article as one list of paragraphs, old and new together."""
    desk = _gather(comparison, old, new)
    before, after = _leavings(desk)
    arranged = list(before[-1])
    for block in range(len(new.blocks)):
        arranged.append(_paragraph(desk, block, after))
        arranged.extend(before[block])
    return [*_notes_gone(desk), *(p for p in arranged if p.pieces)]


def _gather(comparison: Comparison, old: Document, new: Document) -> _Desk:
    desk = _Desk(comparison, old, new, new_blocks=_by_block(comparison.new_sentences))
    for pair in comparison.alignment:
        desk.of_old |= dict.fromkeys(pair.old, pair)
        desk.of_new |= dict.fromkeys(pair.new, pair)
    for index, change in enumerate(comparison.changes):
        for sentence in change.old_sentences:
            desk.change_of.setdefault(("old", sentence), index)
        for sentence in change.new_sentences:
            desk.change_of.setdefault(("new", sentence), index)
    return desk


# --------------------------------------------------------------------------
# What was removed, and where it stood


def _leavings(desk: _Desk) -> tuple[dict[int, list[Paragraph]], dict[int, list[Piece]]]:
    """Removed paragraphs by the new block they follow (-1: the top), and removed sentences by
    the new sentence they follow.
    """
    whole: dict[int, list[Paragraph]] = defaultdict(list)
    inline: dict[int, list[Piece]] = defaultdict(list)
    for block, sentences in _by_block(desk.comparison.old_sentences).items():
        gone = [i for i in sentences if desk.of_old[i].kind is LinkKind.REMOVED]
        pieces = [_gone(desk, i) for i in gone]
        if gone and len(gone) == len(sentences):
            paragraph = Paragraph(State.REMOVED, tuple(pieces), _kind(desk.old, block), block)
            whole[_block_before(desk, gone[0])].append(paragraph)
            continue
        for sentence, piece in zip(gone, pieces, strict=True):
            inline[_neighbour(desk, sentence, sentences)].append(piece)
    return whole, inline


def _gone(desk: _Desk, sentence: int) -> Piece:
    text = desk.comparison.old_sentences[sentence].text
    return Piece("removed", _spaced(text), desk.change_of.get(("old", sentence)))


def _block_before(desk: _Desk, sentence: int) -> int:
    """The new block in which the nearest earlier old sentence that stayed in place now stands."""
    for earlier in range(sentence - 1, -1, -1):
        pair = desk.of_old[earlier]
        if pair.new and pair.kind not in _MOVING:
            return desk.comparison.new_sentences[max(pair.new)].block
    return -1


def _neighbour(desk: _Desk, sentence: int, sentences: Sequence[int]) -> int:
    """The new sentence that a removed one follows; -1 - n where it stood before sentence n."""
    stayed = [i for i in sentences if desk.of_old[i].new]
    earlier = [i for i in stayed if i < sentence]
    if earlier:
        return max(desk.of_old[earlier[-1]].new)
    return -1 - min(desk.of_old[stayed[0]].new)


def _notes_gone(desk: _Desk) -> list[Paragraph]:
    """Notes that the outlet took away, where the text's sentences do not hold them."""
    held = {sentence.block for sentence in desk.comparison.old_sentences}
    return [
        Paragraph(State.REMOVED, (Piece("removed", n.note.text),), BlockKind.NOTE, n.note.block)
        for n in desk.comparison.notes
        if n.status is NoteStatus.REMOVED and n.note.block is not None and n.note.block not in held
    ]


# --------------------------------------------------------------------------
# The paragraphs of the new version


def _paragraph(desk: _Desk, block: int, after: dict[int, list[Piece]]) -> Paragraph:
    sentences = desk.new_blocks.get(block, [])
    if not sentences:
        return _outside_the_text(desk, block)
    pieces: list[Piece] = []
    for sentence in sentences:
        pieces += after.get(-1 - sentence, [])
        pieces += _pieces(desk, sentence)
        pieces += after.get(sentence, [])
    kinds = {desk.of_new[sentence].kind for sentence in sentences}
    home = _home(desk, sentences)
    return Paragraph(_state(kinds, pieces), tuple(pieces), _kind(desk.new, block), home, block)


def _state(kinds: set[LinkKind], pieces: Sequence[Piece]) -> State:
    if kinds == {LinkKind.ADDED} and all(piece.op == "added" for piece in pieces):
        return State.ADDED
    if kinds <= _MOVING:
        return State.MOVED
    plain = all(piece.op == "same" and piece.moved_from is None for piece in pieces)
    return State.SAME if plain else State.EDITED


def _home(desk: _Desk, sentences: Sequence[int]) -> int | None:
    """The old paragraph that the first of these sentences came from."""
    for sentence in sentences:
        if desk.of_new[sentence].old:
            return desk.comparison.old_sentences[min(desk.of_new[sentence].old)].block
    return None


def _pieces(desk: _Desk, sentence: int) -> list[Piece]:
    """The redline of one new sentence; a pair of several is told once, at its first."""
    pair = desk.of_new[sentence]
    if sentence != min(pair.new):
        return []
    change = desk.change_of.get(("new", sentence))
    origin = None
    if pair.kind in _MOVING:
        origin = desk.comparison.old_sentences[min(pair.old)].block
    pieces = [Piece(s.op, s.text, change, origin) for s in _spans(desk, pair, change)]
    return [*pieces[:-1], replace(pieces[-1], text=_spaced(pieces[-1].text))]


def _spans(desk: _Desk, pair: AlignedPair, change: int | None) -> Sequence[Span]:
    new = _joined([desk.comparison.new_sentences[i].text for i in pair.new])
    if pair.kind in {LinkKind.SAME, LinkKind.MOVED}:
        return [Span("same", new)]
    if pair.kind is LinkKind.ADDED:
        return [Span("added", new)]
    old = _joined([desk.comparison.old_sentences[i].text for i in pair.old])
    told = desk.comparison.changes[change] if change is not None else None
    if told and told.redline and _tells(told, pair):
        return told.redline
    return [Span("same", new)] if old == new else [Span("removed", old), Span("added", new)]


def _tells(change: Change, pair: AlignedPair) -> bool:
    return change.old_sentences == pair.old and change.new_sentences == pair.new


def _outside_the_text(desk: _Desk, block: int) -> Paragraph:
    """A block whose words are no sentences of the text: a note, for the most part."""
    found = next((n for n in desk.comparison.notes if _stands_at(n, block)), None)
    text = desk.new.blocks[block].text
    kind = _kind(desk.new, block)
    if found is None or found.status in {NoteStatus.KEPT, NoteStatus.REMOVED}:
        return Paragraph(State.SAME, (Piece("same", text),), kind, None, block)
    if found.status is NoteStatus.ADDED:
        return Paragraph(State.ADDED, (Piece("added", text),), kind, None, block)
    home = found.old_note.block if found.old_note else None
    if found.status is NoteStatus.MOVED:
        return Paragraph(State.MOVED, (Piece("same", text),), kind, home, block)
    before = (Piece("removed", found.old_note.text),) if found.old_note else ()
    return Paragraph(State.EDITED, (*before, Piece("added", text)), kind, home, block)


def _stands_at(change: NoteChange, block: int) -> bool:
    note = change.note
    if change.status is NoteStatus.REMOVED or note.block is None:
        return False
    return note.block <= block < note.block + note.blocks


# --------------------------------------------------------------------------
# Small things


def _by_block(sentences: Sequence[Sentence]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for index, sentence in enumerate(sentences):
        found[sentence.block].append(index)
    return found


def _kind(document: Document, block: int) -> BlockKind:
    return document.blocks[block].kind if block < len(document.blocks) else BlockKind.PARAGRAPH


def _spaced(text: str) -> str:
    """The sentence with a space after it, unless its script writes none."""
    return text if not text or text[-1].isspace() or text[-1] in _WIDE else text + " "


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(sentence.strip() for sentence in sentences)


def movement(old_block: int, new_block: int) -> str:
    """“moved up from paragraph 9”: counted as a reader counts."""
    way = "up" if new_block < old_block else "down"
    return f"moved {way} from paragraph {old_block + 1}"
