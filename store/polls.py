"""Looks at sources: each a row, with what it offered and how soon it may be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

import duckdb

from store import aliases, subscriptions
from store.acts import act
from store.address import article_id, canonical, host_of
from store.forgetting import forgotten
from store.model import Link, Outcome, SourceKind
from store.rows import insert, to_column, to_row


@dataclass(frozen=True, slots=True)
class Poll:
    """What came of asking one source; with outcome READ, ``links`` is what it offers now.

    ``part`` is the address that was asked where it is not the source's own: one sitemap of an
    index. ``feeds`` are feeds that a list names, each to be a source of its own. ``not_before`` is
    until when the source asks to be left, ``because`` one sentence on why it was asked now.
    ``is_first`` says that all it offers was there before we came.
    """

    source_id: int
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    detail: str
    reason: str
    etag: str | None = None
    last_modified: str | None = None
    links: tuple[Link, ...] = ()
    part: str | None = None
    feeds: tuple[Link, ...] = ()
    hub: tuple[str, str] | None = None  # the hub's address, and the topic it knows the feed by
    not_before: datetime | None = None
    because: str | None = None
    is_first: bool = False


def record(connection: duckdb.DuckDBPyConnection, poll: Poll) -> list[int]:
    """File a look at a source and watch the new articles it offers; return their numbers.

    Articles that were forgotten stay so, whoever offers them. Feeds that a list names become
    sources, unless they were ever watched before.
    """
    offered = {article_id(link.address): link.address for link in reversed(poll.links)}
    known = aliases.owners(connection, offered).keys() | forgotten(connection, offered)
    fresh = {number: offered[number] for number in reversed(offered) if number not in known}
    shown = _print(poll)
    before = _shown_before(connection, poll)
    row = (
        poll.source_id,
        poll.started_at,
        poll.finished_at,
        poll.outcome.value,
        poll.detail,
        poll.reason,
        poll.etag,
        poll.last_modified,
        len(poll.links) + len(poll.feeds),
        len(fresh),
        poll.part,
        shown,
        # The first look shows nothing new, and one that could not read the source says nothing.
        shown is not None and before is not None and shown != before,
        poll.not_before,
        poll.because,
    )
    insert(connection, "polls", [to_row(row)])
    if poll.hub is not None:
        subscriptions.note(connection, poll.source_id, *poll.hub)
    add_articles(connection, fresh, poll.started_at, poll.source_id, baseline=poll.is_first)
    _add_sources(connection, poll.feeds, poll.started_at)
    return list(fresh)


def add_articles(
    connection: duckdb.DuckDBPyConnection,
    addresses: dict[int, str],
    moment: datetime,
    source: int | None,
    *,
    baseline: bool,
) -> None:
    """Add articles by their numbers and watch them; ``baseline`` ones are older than our sight."""
    stamp = to_column(moment)
    articles = [
        (number, canonical(address), host_of(address), source, baseline, stamp)
        for number, address in addresses.items()
    ]
    insert(connection, "articles", articles)
    act(connection, "article", list(addresses), "watch", moment)


def add_source(
    connection: duckdb.DuckDBPyConnection,
    address: str,
    kind: SourceKind,
    moment: datetime,
    pattern: str | None = None,
) -> int:
    """Add a source, or change the pattern of a known one; return its number."""
    number = article_id(address)
    known = connection.execute(
        "SELECT pattern FROM sources WHERE source_id = ?", [number]
    ).fetchone()
    if known is None:
        row = (number, kind.value, canonical(address), to_column(moment), pattern)
        insert(connection, "sources", [row])
    elif pattern is not None and known[0] != pattern:
        connection.execute("UPDATE sources SET pattern = ? WHERE source_id = ?", [pattern, number])
    act(connection, "source", [number], "watch", moment)
    return number


def _add_sources(
    connection: duckdb.DuckDBPyConnection, feeds: Sequence[Link], moment: datetime
) -> None:
    """Watch feeds that a list names. One that a person gave up stays given up."""
    known = {number for (number,) in connection.execute("SELECT source_id FROM sources").fetchall()}
    for feed in feeds:
        if article_id(feed.address) not in known:
            add_source(connection, feed.address, SourceKind.FEED, moment)


def _print(poll: Poll) -> int | None:
    """Return a number that changes when what a source offers does, None where it was not read."""
    if poll.outcome is Outcome.READ:
        said = ((link.address, link.stamped_at, link.wording) for link in poll.links)
        return crc32(repr(sorted(map(repr, said))).encode())
    return None


def _shown_before(connection: duckdb.DuckDBPyConnection, poll: Poll) -> int | None:
    row = connection.execute(
        """SELECT arg_max(print, rowid) FROM polls
           WHERE source_id = ? AND part IS NOT DISTINCT FROM ? AND print IS NOT NULL""",
        [poll.source_id, poll.part],
    ).fetchone()
    return None if row is None else row[0]
