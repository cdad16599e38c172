"""Pure: when an alert that could not be delivered is tried again, and when it is parked."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from store.model import PendingDelivery

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180, 360, 780))
"""Waits after each failed try: 8 tries over a day, as webhook senders do it (Standard Webhooks,
"retries": several tries over at least a day, each wait longer than the one before)."""
TRIES = len(WAITS) + 1
JITTER = 0.2
"""Part of a wait that chance decides, so that receivers are not asked by everyone at once."""


def next_try(attempt: int, finished_at: datetime, jitter: float) -> datetime | None:
    """Return when to try again after failed try number ``attempt`` (from 1), or None to park it.

    ``jitter`` runs from 0 to 1 and stretches the wait by up to a fifth.
    """
    if attempt >= TRIES:
        return None
    return finished_at + WAITS[attempt - 1] * (1 + JITTER * jitter)


def jitter_of(message: str, channel: str, attempt: int) -> float:
    """Return the jitter (0 to 1) of one try: chance between messages, the same at every look."""
    digest = hashlib.sha256(f"{message}\0{channel}\0{attempt}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def is_parked(tries: int) -> bool:
    """Say whether so many failed tries are enough: only a person has it tried again."""
    return tries >= TRIES


def is_due(pending: PendingDelivery, now: datetime) -> bool:
    """Say whether a delivery is to be tried now: never tried, or waited for long enough.

    A last try later than ``now`` means that the clock was set back: how long it has waited is
    unknown, and it is tried, rather than left until the clock has caught up.
    """
    if pending.last_try_at is None:
        return True
    if pending.last_try_at > now:
        return not is_parked(pending.attempt - 1)
    tried = pending.attempt - 1
    message = pending.message or pending.alert.alert_id
    jitter = jitter_of(message, pending.channel, tried)
    due_at = next_try(tried, pending.last_try_at, jitter)
    return due_at is not None and due_at <= now
