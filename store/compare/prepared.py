"""A document made ready for comparing: its sentences, their comparing forms, one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from store.compare.language import guess_language
from store.compare.notes import find_notes, mark_notes
from store.compare.standfirst import standfirst_blocks
from store.model import Block, BlockKind, Document, Sentence
from store.sentences import forms
from store.text import normalise


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with its body sentences; worth keeping when it is compared again.

    ``keys`` are the sentences in comparing form. ``digest`` is equal for two documents
    whose sentences, frame and notes are the same to the last character. ``links`` are the
    addresses that each block links to.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    keys: tuple[str, ...]
    digest: str
    links: tuple[tuple[str, ...], ...]

    def is_same(self, other: Prepared) -> bool:
        """Whether nothing that a comparison tells differs."""
        return self.digest == other.digest and self.links == other.links


def prepare(document: Document) -> Prepared:
    """A document with its sentences cut and normalised."""
    found = [
        (Sentence(text, index), key)
        for index, block in enumerate(document.blocks)
        for text, key in forms(block.text, document.language)
    ]
    return _prepared(document, [sentence for sentence, _ in found], [key for _, key in found])


def prepare_sentences(sentences: Sequence[str]) -> Prepared:
    """Sentences that somebody else cut, each a block of its own, kept as they are."""
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in sentences)
    language = guess_language(" ".join(sentences[:60]))
    notes = find_notes(blocks, language)
    document = Document("", None, mark_notes(blocks, notes), language=language, notes=notes)
    own = [Sentence(text, i) for i, text in enumerate(sentences)]
    return _prepared(document, own, [normalise(text) for text in sentences])


def _prepared(document: Document, sentences: Sequence[Sentence], keys: Sequence[str]) -> Prepared:
    # A standfirst that the blocks show as well says nothing more: only its mark-up may differ.
    apart = None if standfirst_blocks(document) else document.standfirst
    frame = (document.headline, apart, document.byline, repr(document.notes))
    parts = [*[part or "" for part in frame], *[sentence.text for sentence in sentences], ""]
    said = "\0".join(parts)
    return Prepared(
        document,
        tuple(sentences),
        tuple(keys),
        hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest(),
        tuple(block.links for block in document.blocks),
    )
