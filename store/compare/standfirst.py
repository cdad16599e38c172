"""The standfirst, which a document holds twice: in its frame, and among its blocks.

It stays in the blocks, because it is text that people read, that notes correct and that a
stub may consist of; the frame says which text it is. So that a change of it is told once, the
frame tells it where its sentences have their like in the other standfirst or nowhere, and the
text tells it where they stand in the other version's text (a paragraph became the standfirst).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.model import AlignedPair, Block, BlockKind, Document

if TYPE_CHECKING:
    from store.compare.prepared import Prepared

# A standfirst is a paragraph, rarely two or three.
MOST_BLOCKS = 3


def standfirst_blocks(document: Document) -> range:
    """The indices of the blocks that make up the standfirst; empty where they do not show it."""
    texts = [block.text for block in document.blocks]
    for start in range(len(texts)) if document.standfirst else ():
        for end in range(start + 1, min(start + MOST_BLOCKS, len(texts)) + 1):
            if " ".join(texts[start:end]) == document.standfirst:
                return range(start, end)
    return range(0)


def as_standfirst(blocks: Sequence[Block]) -> str | None:
    """Blocks that follow one another as one standfirst; None where there are none or many."""
    if not 0 < len(blocks) <= MOST_BLOCKS or any(b.kind is BlockKind.NOTE for b in blocks):
        return None
    return " ".join(block.text for block in blocks)


def standfirst_sentences(
    old: Prepared, new: Prepared, alignment: Sequence[AlignedPair]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The sentences of both standfirsts that the frame tells of; None where the text does."""
    olds, news = _sentences(old), _sentences(new)
    for pair in alignment:
        touches = not olds.isdisjoint(pair.old) or not news.isdisjoint(pair.new)
        if touches and not (olds.issuperset(pair.old) and news.issuperset(pair.new)):
            return None
    return tuple(sorted(olds)), tuple(sorted(news))


def _sentences(side: Prepared) -> frozenset[int]:
    blocks = standfirst_blocks(side.document)
    return frozenset(i for i, sentence in enumerate(side.sentences) if sentence.block in blocks)
