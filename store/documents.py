"""Documents in the archive: a list of sentence numbers, each sentence kept once.

A version that edits one sentence adds one sentence. Sentences keep their trailing white
space, so joining them gives every block back to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from store.errors import ArchiveDamaged
from store.model import Block, BlockKind, Document
from store.rows import CLAIMS, NOTES, as_json, insert, number_of, select
from store.sentences import sentences


def document_id(document: Document) -> int:
    """Return the number of a document: the same reading of the same text, the same number."""
    return number_of(
        document.extractor,
        document.address,
        document.headline,
        document.standfirst,
        document.byline,
        document.published,
        document.modified,
        *(f"{block.kind}{block.text}{block.links}" for block in document.blocks),
        *document.notes,
        document.claims,
    )


def keep(connection: duckdb.DuckDBPyConnection, documents: Sequence[Document]) -> None:
    """Write the documents and the sentences that are new."""
    documents = _new(connection, documents)
    split = [_split(document) for document in documents]
    numbers = _numbers(
        connection, [piece for blocks in split for pieces in blocks for piece in pieces]
    )
    rows = []
    for document, blocks in zip(documents, split, strict=True):
        structs = [
            {
                "kind": block.kind.value,
                "sentences": [numbers[piece] for piece in pieces],
                "links": list(block.links),
                "hints": list(block.hints),
            }
            for block, pieces in zip(document.blocks, blocks, strict=True)
        ]
        rows.append(_row(document, structs))
    insert(connection, "documents", rows)


def _new(connection: duckdb.DuckDBPyConnection, documents: Sequence[Document]) -> list[Document]:
    """Return each document that is not kept yet, once."""
    by_number = {document_id(document): document for document in documents}
    found = connection.execute(
        "SELECT document_id FROM documents WHERE document_id IN (SELECT unnest(?::UBIGINT[]))",
        [list(by_number)],
    ).fetchall()
    known = {number for (number,) in found}
    return [document for number, document in by_number.items() if number not in known]


def load(connection: duckdb.DuckDBPyConnection, wanted: int) -> Document:
    """Read a document back, exactly as it was kept, comments and quality apart.

    Raises ArchiveDamaged when it, or a sentence of it, is missing.
    """
    rows = select(connection, "SELECT * FROM documents WHERE document_id = ? LIMIT 1", [wanted])
    if not rows:
        raise ArchiveDamaged(f"Document {wanted:x} is missing. Run 'storylapse doctor'.")
    row = rows[0]
    needed = sorted({number for block in row["blocks"] for number in block["sentences"]})
    texts = {
        found["sentence_id"]: found["text"]
        for found in select(
            connection,
            "SELECT sentence_id, text FROM sentences "
            "WHERE sentence_id IN (SELECT unnest(?::INTEGER[]))",
            [needed],
        )
    }
    if len(texts) != len(needed):
        raise ArchiveDamaged(
            f"Sentences of document {wanted:x} are missing. Run 'storylapse doctor'."
        )
    return Document(
        address=row["address"],
        headline=row["headline"],
        standfirst=row["standfirst"],
        byline=row["byline"],
        published=row["published"],
        modified=row["modified"],
        language=row["language"],
        blocks=tuple(_block(block, texts) for block in row["blocks"]),
        notes=NOTES.validate_json(row["notes"]),
        claims=CLAIMS.validate_json(row["claims"]),
        extractor=row["extractor"],
    )


def _block(row: dict[str, Any], texts: dict[int, str]) -> Block:
    return Block(
        BlockKind(row["kind"]),
        "".join(texts[number] for number in row["sentences"]),
        tuple(row["links"]),
        tuple(row["hints"]),
    )


def _split(document: Document) -> list[list[str]]:
    return [sentences(block.text, document.language) for block in document.blocks]


def _numbers(connection: duckdb.DuckDBPyConnection, pieces: list[str]) -> dict[str, int]:
    """Give each distinct sentence its number, new ones after the largest so far.

    Found by digest and then by text: two sentences with one digest stay apart.
    """
    digests = {piece: number_of(piece) for piece in pieces}
    found = select(
        connection,
        "SELECT sentence_id, text FROM sentences WHERE digest IN (SELECT unnest(?::UBIGINT[]))",
        [list(digests.values())],
    )
    numbers = {row["text"]: row["sentence_id"] for row in found}
    last = connection.execute("SELECT coalesce(max(sentence_id), 0) FROM sentences").fetchone()
    following = (last[0] if last else 0) + 1
    fresh = []
    for piece, digest in digests.items():
        if piece not in numbers:
            numbers[piece] = following
            fresh.append((following, digest, piece))
            following += 1
    insert(connection, "sentences", fresh)
    return numbers


def _row(document: Document, blocks: list[dict[str, Any]]) -> tuple[Any, ...]:
    return (
        document_id(document),
        document.extractor,
        document.address,
        document.headline,
        document.standfirst,
        document.byline,
        document.published,
        document.modified,
        document.language,
        document.claims.outlet,
        blocks,
        as_json(NOTES, document.notes),
        as_json(CLAIMS, document.claims),
    )
