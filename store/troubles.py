"""Trouble with the watching itself: told to the owner once, and again only after it was well.

Deciding is pure: what is known and what a look found, to what is kept and what is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import duckdb

from store.filing import Rows, keep_alert
from store.message import moment, one_line
from store.model import Alert
from store.rows import insert, select, to_row

WELL = timedelta(hours=1)
"""How long a trouble must be gone before it counts as over: one that comes and goes is one."""
RULE = "watchdog"
KIND = "trouble"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now: a stable ``name``, what, what to do, and where to look.

    It is told when it has lasted for ``patience``. ``not_over`` is a channel that cannot tell it.
    """

    name: str
    what: str
    next_step: str
    patience: timedelta = timedelta()
    not_over: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A trouble as it is kept: since when, whether it was told, and since when it is well."""

    name: str
    began_at: datetime
    told_at: datetime | None = None
    well_since: datetime | None = None


def step(
    known: Iterable[Known], found: Sequence[Trouble], now: datetime
) -> tuple[list[Known], list[tuple[Trouble, Known]]]:
    """Return what is kept after a look, and what is to be told now. Pure."""
    there = {one.name: one for one in found}
    before = {one.name: one for one in known}
    kept = [replace(before.get(name, Known(name, now)), well_since=None) for name in there]
    told = [
        (there[one.name], one)
        for one in kept
        if one.told_at is None and now - one.began_at >= there[one.name].patience
    ]
    said = {one.name for _, one in told}
    kept = [replace(one, told_at=now) if one.name in said else one for one in kept]
    gone = (
        replace(one, well_since=one.well_since or now)
        for name, one in before.items()
        if name not in there
    )
    return [*kept, *(one for one in gone if now - (one.well_since or now) < WELL)], told


def alert_of(trouble: Trouble, known: Known, link: str, now: datetime) -> Alert:
    """Return the alert that tells a trouble; its id is the same for ever. Pure."""
    id_parts = f"{RULE}\0{trouble.name}\0{known.began_at.isoformat()}"
    what = one_line(trouble.what)
    since = f"It was noticed at {moment(known.began_at)}."
    step = one_line(trouble.next_step)
    return Alert(
        alert_id=hashlib.sha256(id_parts.encode()).hexdigest(),
        rule=RULE,
        article_id=0,
        kind=KIND,
        title=one_line(f"[{KIND}] Storylapse: {what}", 200),
        reason=f"The watching itself is in trouble: {what}",
        body=f"{what}\n\nWhat to do: {step}\n\n{since}\nWatching: {link}",
        link=link,
        raised_at=now,
    )


def note(
    connection: duckdb.DuckDBPyConnection,
    found: Sequence[Trouble],
    channels: Sequence[str],
    link: str,
    now: datetime,
) -> int:
    """Keep what a look found, raise what is to be told; return how many. In a transaction."""
    rows = select(connection, "FROM troubles")
    known = [Known(row["name"], row["began_at"], row["told_at"], row["well_since"]) for row in rows]
    kept, told = step(known, found, now)
    if kept != known:
        connection.execute("DELETE FROM troubles")
        insert(
            connection,
            "troubles",
            [to_row((one.name, one.began_at, one.told_at, one.well_since)) for one in kept],
        )
    alerts = Rows()
    for trouble, one in told:
        to = tuple(name for name in channels if name != trouble.not_over)
        keep_alert(alerts, alert_of(trouble, one, link, now), None, to)
    alerts.write(connection)
    return len(told)
