"""The command that tells what happened: changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.options import Chosen, JsonOption
from dashboard.selecting import (
    ArticleOption,
    HeldOption,
    KindOption,
    OutletOption,
    SinceOption,
    UntilOption,
    selection,
)
from store import message

if TYPE_CHECKING:
    from store.archive import Archive
    from store.selection import Selection


class Order(StrEnum):
    """How lines of changes are ordered."""

    RANK = "rank"
    TIME = "time"


_CHANGES = """
    SELECT * FROM change_list
    UNION ALL BY NAME  -- what happened to an article as a whole is a line too
    SELECT article, article_id, address, outlet, headline, version AS old_version,
           version AS new_version, -1 AS ordinal, checked_before_at, NULL AS checked_before_by,
           seen_first_at, NULL AS captured_by, kind,
           '[]' AS facts, '[]' AS redline, significance, reason, held_by
    FROM event_list
"""
_LABELS = """
    [c.kind] || coalesce((
        SELECT any_value(q.kinds) FROM queue q WHERE q.article_id = c.article_id
        AND q.old_version = c.old_version AND q.new_version = c.new_version
    ), [])
"""
_ORDERS = {
    Order.RANK: "significance DESC, seen_first_at DESC, article, new_version, ordinal",
    Order.TIME: "seen_first_at DESC, article, new_version DESC, ordinal",
}


def changes(
    chosen: Chosen,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    kind: KindOption = None,
    outlet: OutletOption = None,
    article: ArticleOption = None,
    held: HeldOption = False,
    order: Annotated[
        Order, typer.Option(help="What matters most first, or the newest first.")
    ] = Order.RANK,
    as_json: JsonOption = False,
) -> None:
    """List what changed, one line a change."""
    from store.history import change_as_dict  # noqa: PLC0415

    _, archive = chosen.open()
    wanted = selection(
        archive,
        datetime.now(UTC),
        since=since,
        until=until,
        kinds=kind,
        outlets=outlet,
        articles=article,
        held=held,
    )
    found, values = _found(wanted)
    rows = archive.query(f"SELECT * {found} ORDER BY {_ORDERS[order]}", values)
    if as_json:
        for row in rows:
            printing.json_line(change_as_dict(row))
        return
    for row in rows:
        _print_change(row)
    if not rows:
        printing.say("No change was seen of what you asked for.")
    if not held:
        _tell_of_held(archive, wanted, len(rows))


def _found(wanted: Selection) -> tuple[str, list[Any]]:
    from store.selection import condition  # noqa: PLC0415

    where, values = condition(wanted, _LABELS)
    return f"FROM ({_CHANGES}) c WHERE {where}", values


def _tell_of_held(archive: Archive, wanted: Selection, shown: int) -> None:
    found, values = _found(replace(wanted, held=True))
    held = archive.query(f"SELECT count(*) AS changes {found}", values)[0]["changes"] - shown
    if held:
        printing.say(f"{held} more are held back as noise: --held")


_HELD = {
    "unconfirmed": " (waits for a second look)",
    "flap": " (held back: it went back)",
    "other_story": " (held back: another story took the address over)",
    "template": " (held back: it changed in unrelated articles alike)",
    "reader": " (held back: read by another reader than the version before)",
}


def _print_change(row: dict[str, Any]) -> None:
    kind = row["kind"] + _HELD.get(row["held_by"], "")
    old, new = row["old_version"], row["new_version"]
    if not printing.for_people():
        printing.fields(
            f"{row['significance']:.2f}",
            kind,
            row["outlet"],
            row["headline"],
            row["reason"],
            row["seen_first_at"],
            row["article"],
            old,
            new,
        )
        return
    look = f"log {row['article']}" if old == new else f"diff {row['article']} {old} {new}"
    printing.heading(f"{kind}: {row['outlet']}: {row['headline']}")
    printing.line(f"    {printing.field(row['reason'])}")
    printing.line(f"    {message.interval(row['checked_before_at'], row['seen_first_at'])}.")
    printing.line(f"    storylapse {look}")
    printing.line()
