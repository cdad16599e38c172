"""Findings for searching: which words a chunk of texts may hold, and which article said what.

Sentences are numbered in the order they came in, and documents stand in it. Of each whole chunk of
them a small filter says which words it may hold (``store.findable``), and of each whole chunk of
documents it is kept which articles said which sentences anew. Both are made when somebody
searches, and made again where they are missing; what stands in no whole chunk is read itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from store.documents import as_runs, in_runs
from store.errors import ArchiveError
from store.findable import EVERYTHING, REVISION, Query, filter_of
from store.rows import insert
from store.session import Sessions

AT_ONCE = 8
"""Chunks of one session: tens of milliseconds of reading."""

Advance = Callable[[int, int | None], None]

Run = tuple[int, int, int]
"""An article, and the first and the last of following sentences that it said."""

Rows = tuple[str, Sequence[object]]
"""A question for texts, each with its number, and its parameters."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in the order they came: ``number`` orders them, from ``first`` on.

    ``chunk`` of them have one filter.
    """

    name: str
    table: str
    number: str
    text: str
    first: int
    chunk: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Following texts from the number ``first`` on: parts of their filter, None without one."""

    first: int
    is_whole: bool
    parts: Mapping[int, bytes] | None


# One of DuckDB's vectors each: they are unpacked whole.
SENTENCES = Texts("text", "sentences", "sentence_id", "text", 1, 2048)
HEADLINES = Texts("headline", "documents", "rowid", "headline", 0, 2048)


# --------------------------------------------------------------------------
# Texts


def in_chunks(texts: Texts, chunks: Sequence[int]) -> Rows:
    """Return the question for all texts of some chunks, given by their first numbers."""
    one = f"""SELECT {texts.number} AS number, {texts.text} AS text FROM {texts.table}
              WHERE {texts.number} >= ? AND {texts.number} < ?"""  # noqa: S608  (ours)
    values = [value for first in chunks for value in (first, first + texts.chunk)]
    return " UNION ALL ".join([one] * len(chunks)), values


def of_numbers(texts: Texts, numbers: Sequence[int]) -> Rows:
    """Return the question for texts of certain numbers; their places in the table come first."""
    return (
        f"""SELECT {texts.number} AS number, {texts.text} AS text FROM {texts.table}
            WHERE rowid IN (SELECT rowid FROM {texts.table}
                            WHERE {texts.number} IN (SELECT unnest(?::BIGINT[])))""",  # noqa: S608
        [numbers],
    )


def said(connection: duckdb.DuckDBPyConnection, rows: Rows, asked: Query) -> list[tuple[int, str]]:
    """Return texts with their numbers, the newest first, without some that do not hold the query.

    Plain texts without a plain term do not; what else is to be known of them is not asked here.
    They are unpacked first and looked at then: else DuckDB looks at more of them than asked for.
    """
    plain = [term for term in asked.terms if term.isascii()]
    holding = " AND ".join(["contains(lower(text), ?)"] * len(plain))
    may = f"(strlen(text) <> length(text) OR ({holding}))" if plain else "true"
    question, values = rows
    return connection.execute(
        f"""WITH unpacked AS MATERIALIZED ({question})
            SELECT number, text FROM unpacked WHERE text IS NOT NULL AND {may}
            ORDER BY number DESC""",  # noqa: S608  (ours)
        [*values, *plain],
    ).fetchall()


# --------------------------------------------------------------------------
# Making them


def catch_up(sessions: Sessions, advance: Advance) -> None:
    """Make the filters of all whole chunks that have none; a disk that refuses ends it."""
    with sessions.reading() as connection:
        chunks = {texts: known(connection, texts, EVERYTHING) for texts in (HEADLINES, SENTENCES)}
    make(sessions, missing(chunks), advance)


def missing(chunks: Mapping[Texts, Sequence[Chunk]]) -> list[tuple[Texts, int]]:
    """Return those that are whole and have no filter, oldest first, by their first numbers."""
    return [
        (texts, chunk.first)
        for texts, known in chunks.items()
        for chunk in reversed(known)
        if chunk.is_whole and chunk.parts is None
    ]


def make(sessions: Sessions, chunks: Sequence[tuple[Texts, int]], advance: Advance) -> None:
    """Make the filters of some chunks; a disk that refuses, or an archive in use, ends it."""
    try:
        for done in range(0, len(chunks), AT_ONCE):
            _filter(sessions, chunks[done : done + AT_ONCE])
            advance(min(done + AT_ONCE, len(chunks)), len(chunks))
    except ArchiveError:
        return  # what has no filter is looked at itself


def _filter(sessions: Sessions, chunks: Sequence[tuple[Texts, int]]) -> None:
    read = []
    with sessions.reading() as connection:
        for texts, first in chunks:
            held = [text for _, text in said(connection, in_chunks(texts, [first]), EVERYTHING)]
            places = _places(connection, first) if texts is HEADLINES else []
            read.append((texts.name, first, held, places))
    rows = [(name, first, REVISION, *filter_of(held)) for name, first, held, _ in read]
    with sessions.writing() as connection:
        for name, first, *_ in read:
            connection.execute(
                "DELETE FROM search_filters WHERE place = ? AND first_number = ?", [name, first]
            )
            if name == HEADLINES.name:
                connection.execute("DELETE FROM search_places WHERE first_document = ?", [first])
        insert(connection, "search_filters", rows)
        insert(connection, "search_places", [place for *_, places in read for place in places])


# The sentences of a chunk of documents, with the articles that said them.
_SAID_BY = """
    WITH chunk AS (SELECT document_id, sentences FROM documents WHERE rowid >= ? AND rowid < ?)
    SELECT DISTINCT o.article_id, c.sentences FROM chunk c JOIN (
        SELECT article_id, document_id FROM versions
        UNION ALL SELECT article_id, document_id FROM fetches WHERE document_id IS NOT NULL
        UNION ALL SELECT article_id, document_id FROM captures WHERE document_id IS NOT NULL
        UNION ALL SELECT article_id, document_id FROM readings WHERE document_id IS NOT NULL
    ) o USING (document_id)
"""


def _places(connection: duckdb.DuckDBPyConnection, first: int) -> list[tuple[int, int, int, int]]:
    """Return which articles say which sentences anew in a chunk of documents, by runs."""
    found: dict[int, set[int]] = {}
    for article, runs in connection.execute(_SAID_BY, [first, first + HEADLINES.chunk]).fetchall():
        found.setdefault(article, set()).update(in_runs(runs))
    for article, start, last in connection.execute(
        """SELECT article_id, first_sentence, last_sentence FROM search_places
           WHERE first_document < ? AND article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [first, list(found)],
    ).fetchall():
        found[article].difference_update(range(start, last + 1))
    return [
        (first, article, start, last)
        for article, numbers in found.items()
        for start, last in _runs(sorted(numbers))
    ]


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for run in as_runs(numbers).split(",") if numbers else ():
        start, _, count = run.partition("+")
        yield int(start), int(start) + int(count or 1) - 1


# --------------------------------------------------------------------------
# Reading them


def known(connection: duckdb.DuckDBPyConnection, texts: Texts, asked: Query) -> list[Chunk]:
    """Return all chunks, newest first, with the parts of their filters that a query needs."""
    parts = sorted({mark.part for mark in asked.marks})
    columns = ", ".join(["first_number", *(f"part_{part}" for part in parts)])
    rows = connection.execute(
        f"SELECT {columns} FROM search_filters WHERE place = ? AND revision = ?",  # noqa: S608
        [texts.name, REVISION],
    ).fetchall()
    made = {first: dict(zip(parts, bits, strict=True)) for first, *bits in rows}
    newest = connection.execute(
        f"SELECT coalesce(max({texts.number}), -1) FROM {texts.table}"  # noqa: S608  (ours)
    ).fetchone()
    last = newest[0] if newest else -1
    return [
        Chunk(first, first + texts.chunk <= last + 1, made.get(first))
        for first in reversed(range(texts.first, last + 1, texts.chunk))
    ]


def recently_said(connection: duckdb.DuckDBPyConnection, first: int, chosen: Rows) -> list[Run]:
    """Return what is said in the versions whose documents stand from ``first`` on, by runs.

    ``chosen`` is a condition on ``article_id``.
    """
    condition, values = chosen
    return connection.execute(
        f"""WITH fresh AS MATERIALIZED (
                SELECT document_id, sentences FROM documents WHERE rowid >= ?),
            runs AS (
                SELECT DISTINCT article_id, unnest(string_split(sentences, ',')) AS run
                FROM versions JOIN fresh USING (document_id)
                WHERE sentences <> '' AND {condition})
            SELECT article_id, split_part(run, '+', 1)::INTEGER AS start,
                   start + coalesce(nullif(split_part(run, '+', 2), ''), '1')::INTEGER - 1
            FROM runs""",  # noqa: S608  (ours)
        [first, *values],
    ).fetchall()
