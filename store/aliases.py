"""One article, one identity: what its other addresses are, and whose address one is.

Two rows that turn out to be one article are joined: the elder keeps its number and history, the
other's address becomes one of its own, and what was kept of the other stays readable. They are
joined only where their texts agree: a removed story often leads to another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from store.acts import act
from store.address import AddressError, article_id, host_of
from store.continuity import judge_continuity
from store.forgetting import forgotten
from store.model import Document, Fetch, Outcome, Snapshot
from store.rows import to_column

SAME_ARTICLE = "same_article"
"""The detail of a look that was led to another article of the archive."""
FORGOTTEN = "forgotten"
"""The detail of a look that was led to an article somebody had removed from the archive."""

Version = Callable[[int, int], Document]
"""Gives the document of an article's version."""


@dataclass(frozen=True, slots=True)
class _Row:
    """What joining asks of an article: since when it is known, and its current version."""

    article_id: int
    added_at: datetime
    version: int | None


def owners(connection: duckdb.DuckDBPyConnection, numbers: Iterable[int]) -> dict[int, int]:
    """Return, of the numbers that addresses would have, the articles they belong to.

    An article that was joined with another belongs to that one.
    """
    found = connection.execute(
        """SELECT n, coalesce(l.article_id, a.article_id)
           FROM (SELECT DISTINCT unnest($1::UBIGINT[]) AS n)
           LEFT JOIN aliases l ON l.alias_id = n LEFT JOIN articles a ON a.article_id = n
           WHERE coalesce(l.article_id, a.article_id) IS NOT NULL""",
        [list(numbers)],
    ).fetchall()
    return dict(found)


def owners_in(
    connection: duckdb.DuckDBPyConnection, snapshots: Iterable[Snapshot]
) -> dict[int, int]:
    """Return ``owners`` of all that a batch asked for or was led to, in one question."""
    fetches = [seen.fetch for seen in snapshots]
    led_to = [there for there in map(_led_to, fetches) if there is not None]
    return owners(connection, [*(fetch.article_id for fetch in fetches), *led_to])


def told_apart(
    connection: duckdb.DuckDBPyConnection,
    seen: Snapshot,
    version: Version,
    known: dict[int, int],
) -> Snapshot:
    """Return the snapshot, or where it was led to another known article, that and no text.

    ``known`` are the ``owners_in`` the batch, kept true where articles are joined.
    Where it was led there for good and both are one article, they are joined; the elder goes on.
    What a source brought up and what leads to a forgotten article comes to nothing.
    """
    fetch, article = seen.fetch, seen.fetch.article_id
    there = _led_to(fetch)
    if known.get(article, article) != article:  # a look that was under way when it was joined
        return _elsewhere(fetch, known[article], "goes on there")
    if there is not None and there not in known and _is_forgotten(connection, article, there):
        return _nothing_of(fetch)
    owner = article if there is None else known.get(there, article)
    if seen.document is None or owner == article:
        return seen
    if fetch.moved_to is not None and _are_one(connection, seen, owner, version):
        elder, younger = _by_age(connection, article, owner)
        _join(connection, elder, younger, fetch)
        known.update(dict.fromkeys([n for n, o in known.items() if o == younger], elder))
        return seen if elder == article else _elsewhere(fetch, owner, "goes on there")
    return _elsewhere(fetch, owner, "is an article of its own here; what it says is kept there")


def keep_alias(
    connection: duckdb.DuckDBPyConnection, fetch: Fetch, asked: str, known: dict[int, int]
) -> None:
    """Keep where redirects from ``asked`` led as the article's own address, unless it is known.

    Another host's address is taken for good only, since it is asked there from then on: a site
    that could send us anywhere later must not speak for an address of somebody else.
    """
    there = _led_to(fetch)
    if there is None or fetch.final_address is None:
        return
    stays = fetch.moved_to is not None or host_of(fetch.final_address) == host_of(asked)
    if not stays or there in known:
        return
    known[there] = fetch.article_id
    connection.execute(
        "INSERT INTO aliases VALUES (?, ?, ?, ?)",
        [there, fetch.article_id, fetch.final_address, to_column(fetch.started_at)],
    )


def _elsewhere(fetch: Fetch, owner: int, what: str) -> Snapshot:
    place = f"{fetch.final_address} (article {owner:x})" if fetch.final_address else f"{owner:x}"
    reason = f"This is an address of {place}, which {what}."
    return Snapshot(replace(fetch, outcome=Outcome.MOVED, detail=SAME_ARTICLE, reason=reason))


def _is_forgotten(connection: duckdb.DuckDBPyConnection, asked: int, there: int) -> bool:
    """Whether an article that no person asked for leads to one that was forgotten."""
    brought_up = connection.execute(
        "SELECT 1 FROM articles WHERE article_id = ? AND source_id IS NOT NULL", [asked]
    ).fetchone()
    return brought_up is not None and there in forgotten(connection, [there])


def _nothing_of(fetch: Fetch) -> Snapshot:
    """Return a look without what it saw, nor where that stands: a tombstone keeps no address."""
    reason = "This is an address of an article that was forgotten; nothing of it is kept."
    kept = replace(fetch, final_address=None, moved_to=None, headers=(), etag=None)
    kept = replace(kept, last_modified=None, body_digest=None)
    return Snapshot(replace(kept, outcome=Outcome.MOVED, detail=FORGOTTEN, reason=reason))


def _are_one(
    connection: duckdb.DuckDBPyConnection, seen: Snapshot, owner: int, version: Version
) -> bool:
    """Whether what was read goes on from all that either article said last.

    One that was never read says nothing against it: its address is only another way there.
    """
    assert seen.document is not None
    last = [
        version(row.article_id, row.version)
        for row in _rows(connection, seen.fetch.article_id, owner)
        if row.version is not None
    ]
    return all(judge_continuity(one, seen.document) is None for one in last)


def _by_age(connection: duckdb.DuckDBPyConnection, one: int, other: int) -> tuple[int, int]:
    """Return the article that goes on, and the one that is joined to it."""
    rows = _rows(connection, one, other)
    elder = min(rows, key=lambda row: (row.version is None, row.added_at, row.article_id != other))
    return elder.article_id, other if elder.article_id == one else one


def _rows(connection: duckdb.DuckDBPyConnection, one: int, other: int) -> list[_Row]:
    found = connection.execute(
        """SELECT a.article_id, a.added_at, s.current_version
           FROM articles a LEFT JOIN article_states s USING (article_id)
           WHERE a.article_id IN (?, ?)""",
        [one, other],
    ).fetchall()
    return [_Row(*row) for row in found]


def _join(connection: duckdb.DuckDBPyConnection, elder: int, younger: int, fetch: Fetch) -> None:
    """Let every address of the younger article be one of the elder, which alone is watched on."""
    stamp = to_column(fetch.started_at)
    connection.execute("UPDATE aliases SET article_id = ? WHERE article_id = ?", [elder, younger])
    connection.execute(
        """INSERT INTO aliases
           SELECT article_id, ?, address, ? FROM articles WHERE article_id = ?""",
        [elder, stamp, younger],
    )
    act(connection, "article", [elder], "watch", fetch.started_at)
    act(connection, "article", [younger], "unwatch", fetch.started_at)


def _led_to(fetch: Fetch) -> int | None:
    """Return the number that an article where redirects led would have, None without any."""
    if fetch.final_address is None:
        return None
    try:
        return article_id(fetch.final_address)
    except AddressError:
        return None
