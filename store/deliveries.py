"""Attempts to send alerts, as rows: what waits, what was tried, and what is to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import duckdb

from store.model import Alert, Delivery, PendingDelivery
from store.pacing import Parcel, Waiting, message_id
from store.rows import insert, select, to_row

_ASKED = "Somebody asked to have it tried again."


def pending(
    connection: duckdb.DuckDBPyConnection, channels: Sequence[str]
) -> list[PendingDelivery]:
    """Return what some of these channels have not taken, in the order it was raised."""
    rows = select(
        connection,
        """SELECT a.*, o.channel, o.tries, o.last_try_at, p.message
           FROM outbox_list o JOIN alerts a USING (alert_id)
           LEFT JOIN parcels p ON p.channel = o.channel AND p.alert_id = o.alert_id
           WHERE NOT o.sent AND list_contains(?::VARCHAR[], o.channel)
           ORDER BY a.raised_at, a.alert_id""",
        [list(channels)],
    )
    return [_pending(row) for row in rows]


def waiting(connection: duckdb.DuckDBPyConnection, channel: str) -> list[Waiting]:
    """Return what a channel has not taken, rule by rule."""
    rows = select(
        connection,
        """SELECT a.rule, min(a.raised_at) AS oldest,
                  bool_or(o.tries > 0 OR p.message IS NOT NULL) AS tried
           FROM outbox_list o JOIN alerts a USING (alert_id)
           LEFT JOIN parcels p ON p.channel = o.channel AND p.alert_id = o.alert_id
           WHERE NOT o.sent AND o.channel = ? GROUP BY a.rule""",
        [channel],
    )
    return [Waiting(row["rule"], row["oldest"], row["tried"]) for row in rows]


def step(
    connection: duckdb.DuckDBPyConnection,
    channel: str,
    made: Sequence[Delivery],
    refused: Parcel,
    begun: Sequence[Parcel],
) -> None:
    """File attempts of a channel, the message among them that it refused, and what goes out next.

    What was under way when a process died, or was refused, is tried again as the message that it
    was: only under the same id can its receiver know it. All else is no longer under way.
    """
    record(connection, made)
    touched = [one.alert_id for one in made]
    touched += [one.alert.alert_id for parcel in begun for one in parcel]
    connection.execute(
        """DELETE FROM parcels
           WHERE channel = ? AND (NOT refused OR list_contains(?::VARCHAR[], alert_id))""",
        [channel, touched],
    )
    under_way = [(one, message_id(refused), True) for one in refused]
    under_way += [(one, message_id(parcel), False) for parcel in begun for one in parcel]
    rows = [(channel, one.alert.alert_id, message, done) for one, message, done in under_way]
    insert(connection, "parcels", rows)


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
    """Have refused alerts tried again by a channel (None: any); return how many deliveries.

    With an alert goes what was told in the same message.
    """
    waiting = select(
        connection,
        """WITH asked AS (SELECT unnest(?::VARCHAR[]) AS alert_id)
           SELECT alert_id, channel FROM outbox_list
           WHERE NOT sent AND tries > 0 AND channel = coalesce(?, channel)
             AND (alert_id IN (FROM asked) OR (channel, alert_id) IN (
                 SELECT (o.channel, o.alert_id) FROM parcels p JOIN asked USING (alert_id)
                 JOIN parcels o ON o.channel = p.channel AND o.message = p.message))""",
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
    return PendingDelivery(
        alert, row["channel"], row["tries"] + 1, row["last_try_at"], row["message"]
    )
