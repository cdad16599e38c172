"""What is remembered of hosts beyond one run, so that politeness outlives a crash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

import duckdb

from store.rows import insert, select, to_row

MOST_REMEMBERED = 2_000
"""Most hosts, and most robots.txt files, given back to a new run: paused ones, then the newest."""
LARGEST_ROBOTS_BYTES = 64 * 1024
"""A larger robots.txt is asked for again by the next run instead of being kept."""
ROBOTS_HOLD = timedelta(hours=24)
"""How long an answered robots.txt may be used (RFC 9309 2.4)."""


@dataclass(frozen=True, slots=True)
class HostState:
    """How one host (``host`` or ``host:port``) is to be treated.

    ``asked_at`` is the last request to it, ``delay_seconds`` its Crawl-delay, ``failures`` the
    requests in a row to which no answer came.
    """

    host: str
    asked_at: datetime | None = None
    delay_seconds: float = 0.0
    paused_until: datetime | None = None
    pause_reason: str = ""
    failures: int = 0


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A robots.txt as it was answered."""

    address: str
    answered_at: datetime
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run leaves to the next."""

    hosts: tuple[HostState, ...] = ()
    robots: tuple[RobotsFile, ...] = ()


def remember(
    connection: duckdb.DuckDBPyConnection, found: Sequence[HostState | RobotsFile]
) -> None:
    """Keep the newest state of hosts and robots.txt files; the last of each counts."""
    hosts = {one.host: to_row(astuple(one)) for one in found if isinstance(one, HostState)}
    robots = {
        one.address: to_row(astuple(one))
        for one in found
        if isinstance(one, RobotsFile) and len(one.body) <= LARGEST_ROBOTS_BYTES
    }
    insert(connection, "hosts", list(hosts.values()), replace=True)
    insert(connection, "robots", list(robots.values()), replace=True)


def remembered(connection: duckdb.DuckDBPyConnection, now: datetime) -> Remembered:
    """Return what still matters at ``now``; of each host the last request that was recorded."""
    hosts = select(connection, _HOSTS, [now.replace(tzinfo=None), MOST_REMEMBERED])
    since = (now - ROBOTS_HOLD).replace(tzinfo=None)
    robots = select(
        connection,
        "FROM robots WHERE answered_at > ? ORDER BY answered_at DESC LIMIT ?",
        [since, MOST_REMEMBERED],
    )
    return Remembered(
        tuple(HostState(**row) for row in hosts), tuple(RobotsFile(**row) for row in robots)
    )


# A request is recorded as a check when it ends, and kept in `hosts` where it must not be lost.
_HOSTS = """
    WITH asked AS (
        SELECT a.host, max(f.finished_at) AS asked_at
        FROM fetches f JOIN articles a USING (article_id)
        WHERE f.finished_at > $1 - INTERVAL 1 HOUR GROUP BY a.host
    )
    SELECT coalesce(h.host, asked.host) AS host, greatest(h.asked_at, asked.asked_at) AS asked_at,
           coalesce(h.delay_seconds, 0) AS delay_seconds, h.paused_until,
           coalesce(h.pause_reason, '') AS pause_reason, coalesce(h.failures, 0) AS failures
    FROM hosts h FULL JOIN asked USING (host)
    ORDER BY h.paused_until > $1 DESC NULLS LAST, h.delay_seconds > 0 DESC NULLS LAST,
             asked_at DESC NULLS LAST LIMIT $2
"""
