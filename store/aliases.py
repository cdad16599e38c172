"""One article, one identity: what its other addresses are, and whose address one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import duckdb

from store.address import AddressError, article_id, host_of
from store.model import Fetch, Outcome, Snapshot
from store.rows import to_column

SAME_ARTICLE = "same_article"
"""The detail of a look that was led to another article of the archive."""


def owners(connection: duckdb.DuckDBPyConnection, numbers: Iterable[int]) -> dict[int, int]:
    """Return, of the numbers that addresses would have, the articles they belong to."""
    wanted = list(numbers)
    found = connection.execute(
        """SELECT alias_id, article_id FROM aliases WHERE alias_id IN (SELECT unnest($1::UBIGINT[]))
           UNION ALL
           SELECT article_id, article_id FROM articles
           WHERE article_id IN (SELECT unnest($1::UBIGINT[]))""",
        [wanted],
    ).fetchall()
    return dict(found)


def told_apart(connection: duckdb.DuckDBPyConnection, seen: Snapshot) -> Snapshot:
    """Return the snapshot, or where redirects led to another known article, that and no text."""
    fetch = seen.fetch
    there = _led_to(fetch)
    if seen.document is None or there is None:
        return seen
    owner = owners(connection, [there]).get(there, fetch.article_id)
    if owner == fetch.article_id:
        return seen
    reason = (
        f"The address leads to {fetch.final_address}, which is an article of its own here "
        f"({owner:x}); what it says is kept there."
    )
    elsewhere = replace(fetch, outcome=Outcome.MOVED, detail=SAME_ARTICLE, reason=reason)
    return Snapshot(elsewhere)


def keep_alias(connection: duckdb.DuckDBPyConnection, fetch: Fetch, asked: str) -> None:
    """Keep where redirects from ``asked`` led as the article's own address, unless it is known.

    Another host's address is taken for good only, since it is asked there from then on: a site
    that could send us anywhere later must not speak for an address of somebody else.
    """
    there = _led_to(fetch)
    if there is None or fetch.final_address is None:
        return
    stays = fetch.moved_to is not None or host_of(fetch.final_address) == host_of(asked)
    if not stays or there in owners(connection, [there]):
        return
    connection.execute(
        "INSERT INTO aliases VALUES (?, ?, ?, ?)",
        [there, fetch.article_id, fetch.final_address, to_column(fetch.started_at)],
    )


def _led_to(fetch: Fetch) -> int | None:
    """Return the number that an article where redirects led would have, None without any."""
    if fetch.final_address is None:
        return None
    try:
        return article_id(fetch.final_address)
    except AddressError:
        return None
