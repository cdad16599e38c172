"""Documents in the archive: which sentences they say, each sentence kept once.

A version that edits one sentence adds one sentence. Sentences keep their trailing white
space, so joining them gives every block back to the byte. A document names its sentences by
runs ("17+20,112,38+4": twenty from number 17 on, one, four), since what came in together is
numbered together. What its blocks are besides their text, the frame, is kept once as well:
most versions share that of the one before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from store import interning
from store.errors import ArchiveDamaged
from store.model import Block, BlockKind, Document
from store.rows import CLAIMS, NOTES, as_json, insert, number_of, select
from store.sentences import sentences

# Found by number first: only then are the wide columns of those rows alone read (10 of 300,000
# documents: 12 ms of CPU instead of 83).
_WHOLE = """SELECT * FROM documents WHERE rowid IN (
    SELECT rowid FROM documents WHERE document_id IN (SELECT unnest(?::UBIGINT[])))"""

# An older frame is kept once more: the second takes some 60 bytes; to hold a new one against the
# old, 2,048 of them are unpacked (of 330,000 frames, 30 in a batch: 14 ms of CPU).
_FRAMES_LOOKED_AT = 50_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """Sentences and frames that are known to be kept, each with its number."""

    sentences: dict[str, int] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)


NOTHING = Numbers()


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
    """Write the documents, and the sentences and frames that are new."""
    keep_numbered(connection, {document_id(one): one for one in documents}, NOTHING)


def keep_numbered(
    connection: duckdb.DuckDBPyConnection, documents: Mapping[int, Document], known: Numbers
) -> None:
    """Write documents by their numbers; what is ``known`` to be kept is not looked for."""
    fresh = _new(connection, documents)
    if not fresh:
        return
    split = {
        number: [sentences(block.text, document.language) for block in document.blocks]
        for number, document in fresh.items()
    }
    frames = {number: _frame(fresh[number], pieces) for number, pieces in split.items()}
    spoken = [piece for blocks in split.values() for pieces in blocks for piece in pieces]
    numbers = interning.keep(connection, "sentences", "sentence_id", spoken, known.sentences)
    framed = interning.keep(
        connection, "frames", "frame_id", frames.values(), known.frames, among=_FRAMES_LOOKED_AT
    )
    rows = []
    for number, document in fresh.items():
        said = [numbers[piece] for pieces in split[number] for piece in pieces]
        rows.append(_row(number, document, as_runs(said), framed[frames[number]]))
    insert(connection, "documents", rows)


def _new(
    connection: duckdb.DuckDBPyConnection, documents: Mapping[int, Document]
) -> dict[int, Document]:
    """Return the documents that are not kept yet."""
    if not documents:
        return {}
    found = connection.execute(
        "SELECT document_id FROM documents WHERE document_id IN (SELECT unnest(?::UBIGINT[]))",
        [list(documents)],
    ).fetchall()
    known = {number for (number,) in found}
    return {number: one for number, one in documents.items() if number not in known}


def load(connection: duckdb.DuckDBPyConnection, wanted: int) -> Document:
    """Read a document back, exactly as it was kept, comments and quality apart.

    Raises ArchiveDamaged when it, or a sentence of it, is missing.
    """
    return load_all(connection, [wanted])[wanted]


def load_all(connection: duckdb.DuckDBPyConnection, wanted: Collection[int]) -> dict[int, Document]:
    """Read documents back in one go, by their numbers.

    Raises ArchiveDamaged when one of them, or a sentence of one, is missing.
    """
    return load_with_numbers(connection, wanted)[0]


def load_with_numbers(
    connection: duckdb.DuckDBPyConnection, wanted: Collection[int]
) -> tuple[dict[int, Document], Numbers]:
    """Read documents back in one go, with the numbers of what they say. Raises ArchiveDamaged."""
    if not wanted:
        return {}, NOTHING
    rows = {row["document_id"]: row for row in select(connection, _WHOLE, [list(wanted)])}
    said = {number: list(in_runs(row["sentences"])) for number, row in rows.items()}
    needed = set().union(*said.values())
    texts = interning.texts_of(connection, "sentences", "sentence_id", needed)
    framed = {row["frame_id"] for row in rows.values()} - {None}
    frames = interning.texts_of(connection, "frames", "frame_id", framed)
    for number in wanted:
        if number not in rows:
            raise ArchiveDamaged(f"Document {number:x} is missing. Run 'storylapse doctor'.")
    if needed - texts.keys() or framed - frames.keys():
        raise _incomplete(rows, said, texts, frames)
    parsed: dict[int | None, _Frame] = {None: []}
    parsed |= {number: _read_frame(text) for number, text in frames.items()}
    made: dict[tuple[object, ...], Block] = {}
    read = {
        number: _document(row, _blocks(parsed[row["frame_id"]], said[number], texts, made))
        for number, row in rows.items()
    }
    return read, Numbers(_turned(texts), _turned(frames))


def _turned(texts: Mapping[int, str]) -> dict[str, int]:
    return {text: number for number, text in texts.items()}


def _incomplete(
    rows: Mapping[int, Mapping[str, Any]],
    said: Mapping[int, Sequence[int]],
    texts: Mapping[int, str],
    frames: Mapping[int, str],
) -> ArchiveDamaged:
    number = next(
        number
        for number, row in rows.items()
        if not texts.keys() >= set(said[number]) or row["frame_id"] not in {None, *frames}
    )
    return ArchiveDamaged(f"Sentences of document {number:x} are missing. Run 'storylapse doctor'.")


def as_runs(numbers: Sequence[int]) -> str:
    """Write numbers as runs of following ones: "17+20,112"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    return ",".join(f"{first}+{count}" if count > 1 else str(first) for first, count in runs)


def in_runs(written: str) -> Iterator[int]:
    """Yield the numbers that ``as_runs`` wrote, in order."""
    for run in written.split(",") if written else ():
        first, _, count = run.partition("+")
        if count:
            yield from range(int(first), int(first) + int(count))
        else:
            yield int(first)


def _frame(document: Document, split: Sequence[Sequence[str]]) -> str:
    """Write what the blocks are: kind and number of sentences, then links and hints, if any."""
    blocks = [
        [block.kind.value, len(pieces), *([block.links, block.hints] if _is_marked(block) else ())]
        for block, pieces in zip(document.blocks, split, strict=True)
    ]
    return json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))


def _is_marked(block: Block) -> bool:
    return bool(block.links or block.hints)


_Frame = list[tuple[int, tuple[str, tuple[str, ...], tuple[str, ...]]]]
"""How many sentences each block has, and what it is besides them: kind, links and hints."""


def _read_frame(written: str) -> _Frame:
    return [
        (count, (kind, *map(tuple, marks or ((), ()))))
        for kind, count, *marks in json.loads(written)
    ]


def _blocks(
    frame: _Frame,
    said: Sequence[int],
    texts: Mapping[int, str],
    made: dict[tuple[object, ...], Block],
) -> Iterator[Block]:
    """Yield the blocks of a document; most are those of another version, and are ``made``."""
    at = 0
    for count, mark in frame:
        key = (mark, *said[at : at + count])
        if key not in made:
            kind, links, hints = mark
            text = "".join([texts[number] for number in said[at : at + count]])
            made[key] = Block(BlockKind(kind), text, links, hints)
        yield made[key]
        at += count


def _document(row: Mapping[str, Any], blocks: Iterator[Block]) -> Document:
    return Document(
        address=row["address"],
        headline=row["headline"],
        standfirst=row["standfirst"],
        byline=row["byline"],
        published=row["published"],
        modified=row["modified"],
        language=row["language"],
        blocks=tuple(blocks),
        notes=NOTES.validate_json(row["notes"]),
        claims=CLAIMS.validate_json(row["claims"]),
        extractor=row["extractor"],
    )


def _row(number: int, document: Document, said: str, frame: int) -> tuple[Any, ...]:
    return (
        number,
        document.extractor,
        document.address,
        document.headline,
        document.standfirst,
        document.byline,
        document.published,
        document.modified,
        document.language,
        document.claims.outlet,
        said,
        frame,
        as_json(NOTES, document.notes),
        as_json(CLAIMS, document.claims),
    )
