"""Where every sentence of every version came from. Pure: consecutive comparisons in, strands out.

A strand is one sentence in one version. Its origin is the version that brought these words;
an edited sentence is new words that continue an older strand (history flow: Viégas, Wattenberg
and Dave, 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from store.compare import compare, prepare
from store.model import Comparison, Document, LinkKind

_KEPT = frozenset({LinkKind.SAME, LinkKind.MOVED})


@dataclass(frozen=True, slots=True)
class Strand:
    """One line of one version: the headline (``block`` -1) or a sentence of the body.

    ``origin`` is the version that brought the words; ``parents`` are the lines of the version
    before that it continues; ``kind`` says how.
    """

    text: str
    block: int
    origin: int
    parents: tuple[int, ...] = ()
    kind: LinkKind = LinkKind.ADDED


Column = tuple[Strand, ...]


def lineage(documents: Sequence[Document], comparisons: Sequence[Comparison]) -> list[Column]:
    """One column a version; ``comparisons[i]`` is of documents ``i`` and ``i + 1``.

    Versions are numbered from 1. A lone document has a column of its own paragraphs.
    """
    if not documents:
        return []
    if not comparisons:
        return [_alone(documents[0])]
    first = comparisons[0].old_sentences
    columns = [(_headline(documents[0], 1), *(Strand(s.text, s.block, 1) for s in first))]
    for version, comparison in enumerate(comparisons, start=2):
        columns.append(_next(columns[-1], documents[version - 1], comparison, version))
    return columns


def traced(documents: Sequence[Document]) -> list[Column]:
    """Compare each version with the one before, and return their ``lineage``."""
    prepared = [prepare(one) for one in documents]
    return lineage(documents, [compare(old, new) for old, new in pairwise(prepared)])


def _alone(document: Document) -> Column:
    body = (Strand(block.text, index, 1) for index, block in enumerate(document.blocks))
    return (_headline(document, 1), *body)


def _headline(document: Document, version: int) -> Strand:
    return Strand(document.headline or "", -1, version)


def _next(before: Column, document: Document, comparison: Comparison, version: int) -> Column:
    pair_of = {index: pair for pair in comparison.alignment for index in pair.new}
    column = [_next_headline(before[0], document, version)]
    for index, sentence in enumerate(comparison.new_sentences):
        pair = pair_of[index]
        parents = tuple(old + 1 for old in pair.old)  # line 0 is the headline
        kept = pair.kind in _KEPT and parents
        origin = before[parents[0]].origin if kept else version
        column.append(Strand(sentence.text, sentence.block, origin, parents, pair.kind))
    return tuple(column)


def _next_headline(before: Strand, document: Document, version: int) -> Strand:
    same = (document.headline or "") == before.text
    kind = LinkKind.SAME if same else LinkKind.EDITED
    origin = before.origin if same else version
    return Strand(document.headline or "", -1, origin, (0,), kind)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one version did to the one before, in lines (the headline counts as one)."""

    version: int
    lines: int
    kept: int
    moved: int
    edited: int
    added: int
    removed: int


def tallies(columns: Sequence[Column]) -> list[Tally]:
    """The table twin of the picture: one row a version."""
    found = []
    for index, column in enumerate(columns):
        before = columns[index - 1] if index else ()
        continued = {parent for strand in column for parent in strand.parents}
        kinds = [strand.kind for strand in column]
        kept, moved = kinds.count(LinkKind.SAME), kinds.count(LinkKind.MOVED)
        added = kinds.count(LinkKind.ADDED)
        edited = len(column) - kept - moved - added
        gone = len(before) - len(continued)
        found.append(Tally(index + 1, len(column), kept, moved, edited, added, gone))
    return found


def surviving(columns: Sequence[Column]) -> float:
    """The share of the first version's lines whose very words stand in the last."""
    if not columns or not columns[0]:
        return 0.0
    return sum(strand.origin == 1 for strand in columns[-1]) / len(columns[0])
