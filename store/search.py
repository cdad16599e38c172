"""Searching all that any version said: sentences and headlines, newest first.

A query reads of the filters (``store.filters``) the parts that its words fall into, and looks only
at the texts of chunks that may hold all it asks for: the newest first, and no more of them than
are wanted. Where only some articles count, their texts alone are looked at.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import duckdb

from store import filters
from store.documents import in_runs
from store.filters import HEADLINES, SENTENCES, Advance, Chunk, Rows, Run, Texts
from store.findable import Query, holds, may_hold
from store.rows import select, to_column
from store.selection import Selection
from store.session import Sessions

HITS_AT_ONCE = 50
"""Texts whose articles are looked up in one session: what is shown at first."""

MOST_CHUNKS = 32
"""Looked through in one session: tens of milliseconds of reading."""

NUMBERS_AT_ONCE = 256
"""Texts of certain articles that are looked at in one session, at first."""

MOST_NAMED = 10_000
"""Articles that a question names one by one; more of them are described."""


Ask = Callable[[duckdb.DuckDBPyConnection], Rows]
"""What makes the question for texts, in a session."""


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a search knows before it looks at texts.

    ``chunks`` of each kind of text may hold the query, newest first, and ``density`` is how many
    of all chunks do. ``chosen`` is the condition on the articles that count, None where all do, and
    ``share`` how many of all articles meet it. Who said the documents from ``fresh`` on, by their
    place, no finding knows; ``recent`` is that, where it is asked for more than once.
    """

    chunks: Mapping[Texts, Sequence[int]]
    density: Mapping[Texts, float]
    chosen: Rows | None
    share: float
    fresh: int
    recent: Sequence[Run] | None = None


def search(sessions: Sessions, wanted: Wanted, advance: Advance) -> Iterator[Hit]:
    """Yield what holds the query, newest first, headlines and sentences in turn.

    ``advance`` is told how many chunks were filtered, of how many, where that is still to be done.
    Sessions are short: nobody who writes waits for a search to end.
    """
    plan = _prepared(sessions, wanted, advance)
    found = [_found(sessions, wanted, texts, plan) for texts in (HEADLINES, SENTENCES)]
    while found:
        for one in list(found):
            hit = next(one, None)
            if hit is None:
                found.remove(one)
            else:
                yield hit


# --------------------------------------------------------------------------
# Where to look


def _prepared(sessions: Sessions, wanted: Wanted, advance: Advance) -> _Plan:
    """Make the filters that are missing, if any, and return where to look."""
    with sessions.reading() as connection:
        chunks = _chunks(connection, wanted.query)
        missing = filters.missing(chunks)
        if not missing:
            return _plan(connection, wanted, chunks)
    filters.make(sessions, missing, advance)
    with sessions.reading() as connection:
        return _plan(connection, wanted, _chunks(connection, wanted.query))


def _chunks(connection: duckdb.DuckDBPyConnection, asked: Query) -> dict[Texts, list[Chunk]]:
    return {texts: filters.known(connection, texts, asked) for texts in (HEADLINES, SENTENCES)}


def _plan(
    connection: duckdb.DuckDBPyConnection, wanted: Wanted, chunks: Mapping[Texts, list[Chunk]]
) -> _Plan:
    may = {
        texts: [
            one.first for one in known if one.parts is None or may_hold(one.parts, wanted.query)
        ]
        for texts, known in chunks.items()
    }
    chosen, share = _chosen(connection, wanted.within)
    known_first = (one.first for one in chunks[HEADLINES] if one.parts is not None)
    fresh = max(known_first, default=-HEADLINES.chunk) + HEADLINES.chunk
    density = {texts: len(may[texts]) / max(len(known), 1) for texts, known in chunks.items()}
    plan = _Plan(may, density, chosen, share, fresh)
    return plan if _is_whole(plan, SENTENCES) else replace(plan, recent=_recent(connection, plan))


def _is_whole(plan: _Plan, texts: Texts) -> bool:
    """Whether chunks are looked through whole: of few, looking up who said what takes longer."""
    return plan.chosen is None or len(plan.chunks[texts]) <= MOST_CHUNKS


def _chosen(connection: duckdb.DuckDBPyConnection, within: Selection) -> tuple[Rows | None, float]:
    """Return the condition on articles that may have a hit in a selection, and how many meet it.

    That is their share of all articles, never 0; None and 1 where all of them may.
    """
    asked = _condition(within)
    if asked is None:
        return None, 1.0
    condition, values = asked
    rows = connection.execute(
        f"SELECT article_id FROM articles WHERE {condition}",  # noqa: S608  (ours)
        list(values),
    ).fetchall()
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone() or (0,)
    share = max(len(rows), 1) / max(articles, 1)
    if len(rows) > MOST_NAMED:
        return asked, share
    return ("article_id IN (SELECT unnest(?::UBIGINT[]))", [[one for (one,) in rows]]), share


def _condition(within: Selection) -> Rows | None:
    tests: list[str] = []
    values: list[object] = []
    if within.articles:
        tests.append("article_id IN (SELECT unnest(?::UBIGINT[]))")
        values.append(list(within.articles))
    if within.outlets:
        tests.append(
            """article_id IN (SELECT article_id FROM articles LEFT JOIN article_states
               USING (article_id) WHERE list_contains(?::VARCHAR[], coalesce(outlet, host)))"""
        )
        values.append(list(within.outlets))
    for sign, moment in ((">=", within.since), ("<", within.until)):
        if moment is not None:
            seen = f"SELECT article_id FROM versions WHERE seen_first_at {sign} ?"  # noqa: S608
            tests.append(f"article_id IN ({seen})")
            values.append(to_column(moment))
    return (" AND ".join(tests), values) if tests else None


def _portions(texts: Texts, plan: _Plan) -> Iterator[Ask]:
    """Yield what finds texts that may hold the query, newest first, in growing portions."""
    chunks = plan.chunks[texts]
    if _is_whole(plan, texts):
        for some in _growing(chunks, _enough(plan.density[texts]), MOST_CHUNKS):
            yield partial(_rows, filters.in_chunks(texts, some))
        return
    few, most = (math.ceil(many / plan.share) for many in (MOST_CHUNKS / 8, MOST_CHUNKS))
    many = NUMBERS_AT_ONCE * (8 if texts is HEADLINES else 1)  # most are said many times
    for some in _growing(chunks, few, most):
        ask, numbers = _first_of(texts, plan, some, many)
        yield ask
        for part in _growing(numbers[many:], 2 * many, MOST_CHUNKS * NUMBERS_AT_ONCE):
            yield partial(_rows, filters.of_numbers(texts, part))


def _rows(rows: Rows, _connection: duckdb.DuckDBPyConnection) -> Rows:
    return rows


def _first_of(texts: Texts, plan: _Plan, chunks: Sequence[int], many: int) -> tuple[Ask, list[int]]:
    """Return what finds the first texts of chosen articles in chunks, and then knows them all."""
    numbers: list[int] = []

    def ask(connection: duckdb.DuckDBPyConnection) -> Rows:
        numbers.extend(_numbers(connection, texts, plan, chunks))
        return filters.of_numbers(texts, numbers[:many])

    return ask, numbers


def _enough(density: float) -> int:
    """Return how many chunks to look through at first, where so many of all may hold the query.

    Where texts that hold it lie anywhere, a share of 1 - exp(-n) of the chunks have one, if there
    are n of them to a chunk (Poisson).
    """
    if density >= 1:
        return 1
    expected = -math.log1p(-density) / density if density else 1.0  # in a chunk that has one
    return min(MOST_CHUNKS, math.ceil(HITS_AT_ONCE / expected))


def _growing(items: Sequence[int], first: int, most: int) -> Iterator[Sequence[int]]:
    """Yield the items in portions: ``first`` of them, then twice as many as before, to ``most``."""
    start, many = 0, first
    while start < len(items):
        yield items[start : start + many]
        start, many = start + many, min(2 * many, most)


def _numbers(
    connection: duckdb.DuckDBPyConnection, texts: Texts, plan: _Plan, chunks: Sequence[int]
) -> list[int]:
    """Return the numbers of the texts that chosen articles have in some chunks, newest first."""
    condition, values = plan.chosen or ("true", [])
    low, high = chunks[-1], chunks[0] + texts.chunk - 1
    if texts is HEADLINES:
        question = """SELECT rowid FROM documents WHERE rowid >= ? AND rowid <= ?
            AND document_id IN (SELECT document_id FROM versions WHERE {condition})"""
    else:
        question = """SELECT DISTINCT unnest(range(first_sentence, last_sentence + 1))
            FROM search_places WHERE last_sentence >= ? AND first_sentence <= ? AND {condition}"""
    connection.execute(question.format(condition=condition), [low, high, *values])
    numbers = {number for (number,) in connection.fetchall()}
    if texts is SENTENCES:
        for _, start, last in _recent(connection, plan):
            numbers.update(range(max(start, low), min(last, high) + 1))
    asked = set(chunks)
    return sorted((one for one in numbers if _chunk_of(texts, one) in asked), reverse=True)


def _recent(connection: duckdb.DuckDBPyConnection, plan: _Plan) -> Sequence[Run]:
    if plan.recent is not None:
        return plan.recent
    return filters.recently_said(connection, plan.fresh, plan.chosen or ("true", []))


def _chunk_of(texts: Texts, number: int) -> int:
    return number - (number - texts.first) % texts.chunk


# --------------------------------------------------------------------------
# Finding


def _found(sessions: Sessions, wanted: Wanted, texts: Texts, plan: _Plan) -> Iterator[Hit]:
    """Yield what holds the query in one kind of text."""
    for ask in _portions(texts, plan):
        with sessions.reading() as connection:
            may = filters.said(connection, ask(connection), wanted.query)
            held = {number: text for number, text in may if holds(text, wanted.query)}
            said = _said_by(connection, texts, held, plan)
            hits = _hits(connection, wanted, texts, said[:HITS_AT_ONCE])
        yield from hits
        for start in range(HITS_AT_ONCE, len(said), HITS_AT_ONCE):
            with sessions.reading() as connection:
                hits = _hits(connection, wanted, texts, said[start : start + HITS_AT_ONCE])
            yield from hits


_Said = tuple[int, str, int]
"""A text, its number before it, and after it an article that ever said it."""


def _said_by(
    connection: duckdb.DuckDBPyConnection,
    texts: Texts,
    held: Mapping[int, str],
    plan: _Plan,
) -> list[_Said]:
    """Return who said some texts, newest first: the same text of an article once."""
    if not held:
        return []
    if texts is SENTENCES:
        found = _saying(connection, list(held), _recent(connection, plan))
    else:
        found = _headed(connection, list(held))
    newest = {(held[number], article): number for number, article in sorted(found)}
    return sorted(((number, *said) for said, number in newest.items()), reverse=True)


def _hits(
    connection: duckdb.DuckDBPyConnection, wanted: Wanted, texts: Texts, said: Sequence[_Said]
) -> list[Hit]:
    """Return the hits that some texts of articles are."""
    if not said:
        return []
    versions: dict[int, list[dict[str, Any]]] = {}
    for row in select(connection, _VERSIONS, [sorted({article for *_, article in said})]):
        versions.setdefault(row["article_id"], []).append(row)
    hits = [_hit(texts, number, text, versions.get(article, [])) for number, text, article in said]
    return [hit for hit in hits if hit is not None and _is_wanted(hit, wanted.within)]


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
    connection: duckdb.DuckDBPyConnection, numbers: Sequence[int], recent: Sequence[Run]
) -> set[tuple[int, int]]:
    """Return sentences with the articles that ever said them."""
    known = connection.execute(
        """SELECT n, article_id FROM (
               SELECT * FROM search_places WHERE last_sentence >= ? AND first_sentence <= ?)
           JOIN (SELECT unnest(?::INTEGER[]) AS n) ON n BETWEEN first_sentence AND last_sentence""",
        [min(numbers), max(numbers), numbers],
    ).fetchall()
    ordered = sorted(numbers)
    fresh = {
        (number, article)
        for article, start, last in recent
        for number in ordered[bisect_left(ordered, start) : bisect_right(ordered, last)]
    }
    return fresh | set(known)


def _headed(connection: duckdb.DuckDBPyConnection, rows: list[int]) -> set[tuple[int, int]]:
    """Return documents, by their place, with the articles whose versions they are."""
    found = connection.execute(
        """WITH headed AS MATERIALIZED (
               SELECT rowid AS place, document_id FROM documents
               WHERE rowid IN (SELECT unnest(?::BIGINT[])))
           SELECT place, article_id FROM versions JOIN headed USING (document_id)""",
        [rows],
    ).fetchall()
    return set(found)


def _hit(texts: Texts, number: int, text: str, versions: Sequence[dict[str, Any]]) -> Hit | None:
    """Return how long an article's versions said a text; None where none of them did."""
    if texts is SENTENCES:
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
