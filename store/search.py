"""Searching all that any version said: sentences and headlines, newest first.

Sentences are numbered in the order they came in, and documents stand in it. Of each chunk of them
a small filter says which words it may hold (``store.findable``); a query reads all filters, and
looks only at the texts of chunks that may hold all it asks for. Filters, and which article ever
said which sentences, are findings: made when somebody searches, for whole chunks, and made again
where they are missing. What came in since is looked at itself.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from store.documents import as_runs, in_runs
from store.errors import ArchiveError
from store.findable import EVERYTHING, REVISION, Query, filter_of, holds, may_hold
from store.rows import insert, select
from store.selection import Selection
from store.session import Sessions

AT_ONCE = 8
"""Chunks of one session: tens of milliseconds of reading."""

HITS_AT_ONCE = 50
"""Texts whose articles are looked up in one session: what is shown at first."""

Advance = Callable[[int, int | None], None]

Recent = Sequence[tuple[int, str]]
"""Articles, and runs of sentences that they say in documents which stand in no whole chunk."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts in the order they came: ``number`` orders them, ``chunk`` of them have one filter."""

    name: str
    table: str
    number: str
    text: str
    chunk: int


# Of DuckDB's vectors, two of sentences and one of documents: those in no whole chunk are read anew.
_SENTENCES = _Texts("text", "sentences", "sentence_id", "text", 4096)
_HEADLINES = _Texts("headline", "documents", "rowid", "headline", 2048)


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody searches for: of a selection its articles, outlets and time count.

    The time is that of the check that first showed the text.
    """

    query: Query
    within: Selection


@dataclass(frozen=True, slots=True)
class Look:
    """A version, and the interval in which it came: between two checks, or an archive's captures.

    ``before_at`` is None for the first version; the names are those of archives.
    """

    version: int
    before_at: datetime | None
    seen_at: datetime
    before_by: str | None
    seen_by: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A text of one article: the version that brought it, and the one that came without it.

    ``removed`` is None where the article still says it. ``place`` is "text" or "headline".
    """

    article_id: int
    address: str
    outlet: str
    headline: str | None
    place: str
    text: str
    first: Look
    removed: Look | None


def search(sessions: Sessions, wanted: Wanted, advance: Advance) -> Iterator[Hit]:
    """Yield what holds the query, newest first, headlines and sentences in turn.

    ``advance`` is told how many chunks were filtered, of how many, where that is still to be done.
    Sessions are short: nobody who writes waits for a search to end.
    """
    catch_up(sessions, advance)
    kinds = (_HEADLINES, _SENTENCES)
    with sessions.reading() as connection:
        recent = _recently_said(connection)
        places = [_places(connection, wanted.within, texts, recent) for texts in kinds]
    found = [
        _found(sessions, wanted, texts, where, recent)
        for texts, where in zip(kinds, places, strict=True)
    ]
    while found:
        for one in list(found):
            hit = next(one, None)
            if hit is None:
                found.remove(one)
            else:
                yield hit


# --------------------------------------------------------------------------
# Findings


def catch_up(sessions: Sessions, advance: Advance) -> None:
    """Make the filters of all whole chunks that have none; a disk that refuses ends it."""
    try:
        with sessions.reading() as connection:
            open_chunks = [
                (texts, first)
                for texts in (_HEADLINES, _SENTENCES)
                for first in _open_chunks(connection, texts)
            ]
        for done in range(0, len(open_chunks), AT_ONCE):
            _filter(sessions, open_chunks[done : done + AT_ONCE])
            advance(min(done + AT_ONCE, len(open_chunks)), len(open_chunks))
    except ArchiveError:
        return  # busy or full: what has no filter is looked at itself


def _open_chunks(connection: duckdb.DuckDBPyConnection, texts: _Texts) -> list[int]:
    """Return the first numbers of the chunks that are whole and have no filter."""
    rows = connection.execute(
        f"""SELECT first FROM (
                SELECT unnest(range(0, coalesce(max({texts.number}), -1) + 2 - {texts.chunk},
                                    {texts.chunk})) AS first FROM {texts.table})
            WHERE first NOT IN (SELECT first_number FROM search_filters
                                WHERE place = ? AND revision = ?)
            ORDER BY first""",  # noqa: S608  (ours)
        [texts.name, REVISION],
    ).fetchall()
    return [first for (first,) in rows]


def _filter(sessions: Sessions, chunks: Sequence[tuple[_Texts, int]]) -> None:
    read = []
    with sessions.reading() as connection:
        for texts, first in chunks:
            said = [text for _, text in _said(connection, texts, first, EVERYTHING)]
            places = _places_of(connection, first) if texts is _HEADLINES else []
            read.append((texts.name, first, said, places))
    rows = [(name, first, REVISION, filter_of(said)) for name, first, said, _ in read]
    with sessions.writing() as connection:
        for (name, first, _, _), row in zip(read, rows, strict=True):
            connection.execute(
                "DELETE FROM search_filters WHERE place = ? AND first_number = ?", [name, first]
            )
            if name == _HEADLINES.name:
                connection.execute("DELETE FROM search_places WHERE first_document = ?", [first])
            insert(connection, "search_filters", [row])
        insert(connection, "search_places", [place for *_, places in read for place in places])


def _said(
    connection: duckdb.DuckDBPyConnection, texts: _Texts, first: int, asked: Query
) -> list[tuple[int, str]]:
    """Return the texts of a chunk, the newest first, without some that do not hold the query.

    Plain texts without a plain term do not; what else is to be known of them is not asked here.
    """
    plain = [term for term in asked.terms if term.isascii()]
    holding = " AND ".join([f"contains(lower({texts.text}), ?)"] * len(plain))
    may = f"(strlen({texts.text}) <> length({texts.text}) OR ({holding}))" if plain else "true"
    return connection.execute(
        f"""SELECT {texts.number}, {texts.text} FROM {texts.table}
            WHERE {texts.number} >= ? AND {texts.number} < ? AND {texts.text} IS NOT NULL AND {may}
            ORDER BY 1 DESC""",  # noqa: S608  (ours)
        [first, first + texts.chunk, *plain],
    ).fetchall()


def _places_of(
    connection: duckdb.DuckDBPyConnection, first: int
) -> list[tuple[int, int, int, int]]:
    """Return which articles say which sentences anew in a chunk of documents, by runs."""
    said: dict[int, set[int]] = {}
    for article, runs in connection.execute(_SAID_BY, [first, first + _HEADLINES.chunk]).fetchall():
        said.setdefault(article, set()).update(in_runs(runs))
    for article, start, last in connection.execute(
        """SELECT article_id, first_sentence, last_sentence FROM search_places
           WHERE first_document < ? AND article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [first, list(said)],
    ).fetchall():
        said[article].difference_update(range(start, last + 1))
    return [
        (first, article, start, last)
        for article, numbers in said.items()
        for start, last in _runs(sorted(numbers))
    ]


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for run in as_runs(numbers).split(",") if numbers else ():
        start, _, count = run.partition("+")
        yield int(start), int(start) + int(count or 1) - 1


# --------------------------------------------------------------------------
# Finding


def _places(
    connection: duckdb.DuckDBPyConnection, within: Selection, texts: _Texts, recent: Recent
) -> Places | None:
    """Return the numbers of the texts that the selected articles ever had; None where all count."""
    if not within.articles and not within.outlets:
        return None
    found = connection.execute(
        """SELECT article_id FROM article_list
           WHERE ($1 = [] OR list_contains($1::UBIGINT[], article_id))
             AND ($2 = [] OR list_contains($2::VARCHAR[], outlet))""",
        [list(within.articles), list(within.outlets)],
    ).fetchall()
    articles = {article for (article,) in found}
    if texts is _HEADLINES:
        return Places(
            connection.execute(
                """SELECT d.rowid, d.rowid FROM documents d JOIN versions v USING (document_id)
                   WHERE v.article_id IN (SELECT unnest(?::UBIGINT[]))""",
                [list(articles)],
            ).fetchall()
        )
    known = connection.execute(
        """SELECT first_sentence, last_sentence FROM search_places
           WHERE article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [list(articles)],
    ).fetchall()
    said = (runs for article, runs in recent if article in articles)
    return Places([*known, *(run for runs in said for run in _runs(sorted(in_runs(runs))))])


class Places:
    """Numbers of texts, given as runs of following ones."""

    def __init__(self, runs: Sequence[tuple[int, int]]) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in sorted(runs):
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)

    def any_in(self, first: int, last: int) -> bool:
        """Say whether a number from first to last is among them."""
        place = bisect_right(self._firsts, last) - 1
        return place >= 0 and self._lasts[place] >= first


def _found(
    sessions: Sessions, wanted: Wanted, texts: _Texts, places: Places | None, recent: Recent
) -> Iterator[Hit]:
    """Yield what holds the query in one kind of text, at certain places where they are given."""
    chunks = _candidates(sessions, wanted, texts, places)
    for many in itertools.chain((1, 2, 4), itertools.repeat(AT_ONCE)):
        some = list(itertools.islice(chunks, many))  # what many texts hold is found in the newest
        if not some:
            return
        with sessions.reading() as connection:
            read = [row for first in some for row in _said(connection, texts, first, wanted.query)]
        held = iter(
            [
                (number, text)
                for number, text in read
                if (places is None or places.any_in(number, number)) and holds(text, wanted.query)
            ]
        )
        while few := dict(itertools.islice(held, HITS_AT_ONCE)):
            with sessions.reading() as connection:
                hits = _hits(connection, wanted, texts, few, recent)
            yield from hits


def _candidates(
    sessions: Sessions, wanted: Wanted, texts: _Texts, places: Places | None
) -> Iterator[int]:
    """Yield the chunks that may hold the query, newest first; those without a filter may."""
    with sessions.reading() as connection:
        filters = dict(
            connection.execute(
                "SELECT first_number, bits FROM search_filters WHERE place = ? AND revision = ?",
                [texts.name, REVISION],
            ).fetchall()
        )
        row = connection.execute(
            f"SELECT coalesce(max({texts.number}), -1) FROM {texts.table}"  # noqa: S608  (ours)
        ).fetchone()
    for first in range(0, (row[0] if row else -1) + 1, texts.chunk)[::-1]:
        is_there = places is None or places.any_in(first, first + texts.chunk - 1)
        if is_there and (first not in filters or may_hold(filters[first], wanted.query)):
            yield first


def _hits(
    connection: duckdb.DuckDBPyConnection,
    wanted: Wanted,
    texts: _Texts,
    held: Mapping[int, str],
    recent: Recent,
) -> list[Hit]:
    """Return the hits that some texts are: one for each article that ever said one of them."""
    if texts is _SENTENCES:
        articles = _saying(connection, list(held), recent)
    else:
        articles = _headed(connection, list(held))
    versions: dict[int, list[dict[str, Any]]] = {}
    for row in select(connection, _VERSIONS, [sorted({one for _, one in articles})]):
        versions.setdefault(row["article_id"], []).append(row)
    hits = [
        _hit(texts, number, held[number], versions.get(article, []))
        for number, article in sorted(articles, reverse=True)
    ]
    unique = dict.fromkeys(
        hit for hit in hits if hit is not None and _is_wanted(hit, wanted.within)
    )
    return list(unique)


# Documents are found by number first: only then are the wide columns of those rows alone read.
_VERSIONS = """
    WITH said AS MATERIALIZED (
        SELECT * FROM versions WHERE article_id IN (SELECT unnest(?::UBIGINT[])))
    SELECT v.article_id, a.address, coalesce(s.outlet, a.host) AS outlet, s.headline AS headed,
           coalesce(v.number = s.current_version, false) AS stands, v.number, v.seen_first_at,
           v.checked_before_at, v.checked_before_by, v.captured_by, d.sentences, d.headline
    FROM said v
    JOIN (SELECT document_id, sentences, headline FROM documents WHERE rowid IN (
            SELECT rowid FROM documents WHERE document_id IN (SELECT document_id FROM said))) d
      USING (document_id)
    JOIN articles a USING (article_id)
    LEFT JOIN article_states s USING (article_id) ORDER BY v.article_id, v.number
"""


def _saying(
    connection: duckdb.DuckDBPyConnection, numbers: list[int], recent: Recent
) -> set[tuple[int, int]]:
    """Return sentences with the articles that ever said them."""
    known = connection.execute(
        """SELECT n, article_id FROM search_places
           JOIN (SELECT unnest(?::INTEGER[]) AS n) ON n BETWEEN first_sentence AND last_sentence""",
        [numbers],
    ).fetchall()
    asked = set(numbers)
    fresh = {
        (number, article)
        for article, runs in recent
        for number in asked.intersection(in_runs(runs))
    }
    return fresh | set(known)


def _recently_said(connection: duckdb.DuckDBPyConnection) -> Recent:
    """Return the articles with what their documents say that stand in no whole chunk."""
    row = connection.execute(
        """SELECT coalesce(max(first_number) + ?, 0) FROM search_filters
           WHERE place = ? AND revision = ?""",
        [_HEADLINES.chunk, _HEADLINES.name, REVISION],
    ).fetchone()
    return connection.execute(_SAID_BY, [row[0] if row else 0, 2**62]).fetchall()


def _headed(connection: duckdb.DuckDBPyConnection, rows: list[int]) -> set[tuple[int, int]]:
    """Return documents, by their place, with the articles whose versions they are."""
    found = connection.execute(
        """SELECT d.rowid, v.article_id FROM documents d JOIN versions v USING (document_id)
           WHERE d.rowid IN (SELECT unnest(?::BIGINT[]))""",
        [rows],
    ).fetchall()
    return set(found)


def _hit(texts: _Texts, number: int, text: str, versions: Sequence[dict[str, Any]]) -> Hit | None:
    """Return how long an article's versions said a text; None where none of them did."""
    if texts is _SENTENCES:
        said = [number in set(in_runs(row["sentences"])) for row in versions]
    else:
        said = [row["headline"] == text for row in versions]
    if not any(said):
        return None
    first = versions[said.index(True)]
    last = len(said) - 1 - said[::-1].index(True)
    stands = any(row["stands"] for row, here in zip(versions, said, strict=True) if here)
    gone = None if stands or last + 1 == len(versions) else versions[last + 1]
    return Hit(
        article_id=first["article_id"],
        address=first["address"],
        outlet=first["outlet"],
        headline=first["headed"],
        place=texts.name,
        text=text.strip(),
        first=_look(first),
        removed=None if gone is None else _look(gone),
    )


def _look(row: Mapping[str, Any]) -> Look:
    return Look(
        row["number"],
        row["checked_before_at"],
        row["seen_first_at"],
        row["checked_before_by"],
        row["captured_by"],
    )


def _is_wanted(hit: Hit, within: Selection) -> bool:
    at = hit.first.seen_at
    return (
        (not within.articles or hit.article_id in within.articles)
        and (not within.outlets or hit.outlet in within.outlets)
        and (within.since is None or at >= within.since)
        and (within.until is None or at < within.until)
    )
