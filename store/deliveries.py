"""Attempts to send alerts, as rows: what waits, what was tried, and what is to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import duckdb

from store.model import Alert, Delivery, PendingDelivery
from store.rows import insert, select, to_row

_ASKED = "Somebody asked to have it tried again."


def pending(
    connection: duckdb.DuckDBPyConnection, channels: Sequence[str]
) -> list[PendingDelivery]:
    """Return what some of these channels have not taken, in the order it was raised."""
    rows = select(
        connection,
        """SELECT a.*, o.channel, o.tries, o.last_try_at
           FROM outbox_list o JOIN alerts a USING (alert_id)
           WHERE NOT o.sent AND list_contains(?::VARCHAR[], o.channel)
           ORDER BY a.raised_at, a.alert_id""",
        [list(channels)],
    )
    return [_pending(row) for row in rows]


def waiting_since(
    connection: duckdb.DuckDBPyConnection, channel: str
) -> tuple[datetime, bool] | None:
    """Return when the oldest alert that a channel has not taken was raised, None without one.

    With it, whether any of them was tried before.
    """
    (row,) = select(
        connection,
        """SELECT min(a.raised_at) AS oldest, bool_or(o.tries > 0) AS tried
           FROM outbox_list o JOIN alerts a USING (alert_id)
           WHERE NOT o.sent AND o.channel = ?""",
        [channel],
    )
    return (row["oldest"], row["tried"]) if row["oldest"] else None


def record(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> None:
    """File attempts."""
    insert(
        connection,
        "deliveries",
        [
            to_row((d.alert_id, d.channel, d.attempt, d.outcome, d.reason, d.finished_at))
            for d in deliveries
        ],
    )


def try_again(
    connection: duckdb.DuckDBPyConnection,
    alerts: Collection[str],
    channel: str | None,
    acted_at: datetime,
) -> int:
    """Have refused alerts tried again by a channel (None: any); return how many deliveries."""
    waiting = select(
        connection,
        """SELECT alert_id, channel FROM outbox_list
           WHERE NOT sent AND tries > 0 AND list_contains(?::VARCHAR[], alert_id)
             AND channel = coalesce(?, channel)""",
        [list(alerts), channel],
    )
    asked = [
        Delivery(row["alert_id"], row["channel"], 0, "asked", _ASKED, acted_at) for row in waiting
    ]
    record(connection, asked)
    return len(asked)


def _pending(row: dict[str, Any]) -> PendingDelivery:
    alert = Alert(
        alert_id=row["alert_id"],
        rule=row["rule"],
        article_id=row["article_id"],
        kind=row["kind"],
        title=row["title"],
        reason=row["reason"],
        body=row["body"],
        link=row["link"],
        raised_at=row["raised_at"],
    )
    return PendingDelivery(alert, row["channel"], row["tries"] + 1, row["last_try_at"])
