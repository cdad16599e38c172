"""Subscriptions to hubs (WebSub): what was found, asked and granted. One row for each source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import duckdb

from store.rows import insert, select, to_row


class State(StrEnum):
    """How far a subscription is."""

    FOUND = "found"  # the feed names a hub; nothing was asked of it yet
    ASKED = "asked"  # we asked, and the hub has not yet made sure that it was us
    HELD = "held"  # until the lease ends
    REFUSED = "refused"  # the hub said no
    LEAVING = "leaving"  # the source is watched no more, and we said so
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One row. ``token`` ends the address at which the hub reaches us, ``secret`` signs."""

    source_id: int
    hub: str
    topic: str
    state: State = State.FOUND
    reason: str = "The feed names a hub."
    token: str | None = None
    secret: str | None = field(default=None, repr=False)
    asked_at: datetime | None = None
    tries: int = 0
    until_at: datetime | None = None
    pushed_at: datetime | None = None


def note(connection: duckdb.DuckDBPyConnection, source: int, hub: str, topic: str) -> None:
    """Know the hub that a feed names; another one than before is asked anew."""
    known = connection.execute(
        "SELECT hub, topic FROM subscriptions WHERE source_id = ?", [source]
    ).fetchone()
    if known != (hub, topic):
        keep(connection, Subscription(source, hub, topic))


def keep(connection: duckdb.DuckDBPyConnection, one: Subscription) -> None:
    """Keep how far a subscription is."""
    row = (
        one.source_id,
        one.hub,
        one.topic,
        one.state.value,
        one.reason,
        one.token,
        one.secret,
        one.asked_at,
        one.tries,
        one.until_at,
        one.pushed_at,
    )
    insert(connection, "subscriptions", [to_row(row)], replace=True)


def with_token(connection: duckdb.DuckDBPyConnection, token: str) -> Subscription | None:
    """Return the subscription whose address ends so, if there is one."""
    rows = select(connection, "SELECT * FROM subscriptions WHERE token = ?", [token])
    return _of(rows[0]) if rows else None


def watched(connection: duckdb.DuckDBPyConnection) -> list[tuple[Subscription, bool]]:
    """Return every subscription, and whether its source is watched."""
    rows = select(
        connection,
        """SELECT b.*, coalesce(w.watching, false) AS watching FROM subscriptions b
           LEFT JOIN watched w ON w.target = 'source' AND w.target_id = b.source_id
           ORDER BY b.source_id""",
    )
    return [(_of(row), row["watching"]) for row in rows]


def _of(row: dict[str, object]) -> Subscription:
    values = {name: row[name] for name in Subscription.__slots__}
    return Subscription(**values | {"state": State(str(row["state"]))})  # type: ignore[arg-type]
