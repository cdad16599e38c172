"""The commands about alerts: what was told, what would have been, trials, and once more."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.options import ERROR, Chosen, JsonOption, NothingToShow, UsageError
from dashboard.selecting import moment
from store.message import rfc3339

if TYPE_CHECKING:
    from dashboard.rehearsal import Caught
    from store.archive import Archive
    from store.config import Config

_ALERTS = "SELECT * FROM alert_list ORDER BY raised_at DESC, alert_id"
_WAITING = "SELECT DISTINCT alert_id FROM outbox_list WHERE NOT sent"
_REFUSED = "SELECT DISTINCT alert_id FROM outbox_list WHERE NOT sent AND tries > 0"


def alerts(chosen: Chosen, *, as_json: JsonOption = False) -> None:
    """List the alerts raised so far, the newest first, and whether they were delivered."""
    from store.history import alert_as_dict  # noqa: PLC0415

    _, archive = chosen.open()
    rows = archive.query(_ALERTS)
    if as_json:
        for row in rows:
            printing.json_line(alert_as_dict(row))
        return
    printing.table(
        ("Raised", "Kind", "Alert", "Reason", "Delivered", "Article"),
        (
            (
                row["raised_at"],
                row["kind"],
                row["title"],
                row["reason"],
                _delivered(row),
                row["article"],
            )
            for row in rows
        ),
    )
    if not rows:
        printing.say("No alert was raised yet.")


def _delivered(row: dict[str, Any]) -> str:
    missing = ", ".join(sorted(set(row["channels"]) - set(row["sent"])))
    if not row["channels"]:
        return "no channel is set"
    if not missing:
        return "sent to " + ", ".join(sorted(row["sent"]))
    return f"waits for {missing}" + (f": {row['last_reason']}" if row["attempts"] else "")


def dry_run(
    chosen: Chosen,
    *,
    since: Annotated[
        str,
        typer.Option(metavar="WHEN", help="How far back: 90m, 24h, 7d, 2w, or a date (UTC)."),
    ] = "7d",
    as_json: JsonOption = False,
) -> None:
    """Say what the rules in force would have told of the past. Nothing is raised or sent.

    With --json one line for each alert that would have been.
    """
    from dashboard.rehearsal import history, rehearse  # noqa: PLC0415
    from store.rules import configured, in_force  # noqa: PLC0415
    from store.stories import stories_of  # noqa: PLC0415

    config, archive = chosen.open()
    began = moment(since, datetime.now(UTC))
    telling = configured(config, "", stories_of(archive, config.stories))
    rules = in_force(telling.rules, archive.acts_on_rules(), telling.channels)
    seen = history(lambda sql, *values: archive.query(sql, values), began)
    caught = list(rehearse(rules, seen, telling.stories))
    if as_json:
        for one in caught:
            printing.json_line(_as_dict(one))
        return
    printing.table(
        ("Seen first", "Kind", "Outlet", "Headline", "Why", "Article"),
        (
            (
                one.row["seen_first_at"],
                one.kind,
                one.row["outlet"],
                one.row["headline"],
                one.reason,
                one.row["article"],
            )
            for one in caught
        ),
    )
    told = Counter(one.rule for one in caught)
    for rule in rules:
        printing.say(f"“{rule.name}” would have told {told[rule.name]} times since {since}.")
    if seen.cut_at is not None:
        tried = f"Only the newest {len(seen.transitions)} changes and events were tried"
        printing.say(f"{tried}: what was seen before {rfc3339(seen.cut_at)} is left out.")


def _as_dict(one: Caught) -> dict[str, Any]:
    names = ("article", "address", "outlet", "headline", "old_version", "new_version")
    return {
        "rule": one.rule,
        "kind": one.kind,
        "reason": one.reason,
        **{name: one.row[name] for name in names},
        "seen_first_at": rfc3339(one.row["seen_first_at"]),
    }


def trial(
    chosen: Chosen,
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANNEL]", help="Only these channels.")
    ] = None,
) -> None:
    """Send a sample alert over every channel of the configuration, and say what came of it."""
    from crawler.deliver import channel_addresses, try_out  # noqa: PLC0415  (Apprise takes 0.3 s)

    config = chosen.settings()
    channels = channel_addresses(config.alerts, os.environ)
    names = _named(wanted or list(channels), list(channels))
    failed = False
    for name in names:
        trouble = try_out(name, channels[name], config.dashboard.link_base, datetime.now(UTC))
        printing.line(f"{name}\t{trouble or 'The receiver took it.'}")
        failed = failed or trouble is not None
    if failed:
        raise typer.Exit(ERROR)


def _named(wanted: list[str], known: list[str]) -> list[str]:
    if not known:
        raise NothingToShow("No channel is set; add [[alerts.channels]] to the configuration.")
    for name in wanted:
        if name not in known:
            raise UsageError(f"There is no channel '{name}'; there are: {', '.join(known)}.")
    return wanted


def retry(
    chosen: Chosen,
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ALERT]", help="Only these alerts, by the beginning of their ids."),
    ] = None,
) -> None:
    """Try alerts again that a channel refused, parked ones too: eight more times, same ids."""
    config, archive = chosen.open()
    refused = [row["alert_id"] for row in archive.query(_REFUSED)]
    begins = tuple(wanted) if wanted else ("",)
    again = [one for one in refused if one.startswith(begins)]
    count = archive.try_again(again, acted_at=datetime.now(UTC))
    if not count:
        raise NothingToShow("No alert was refused that waits to be tried again.")
    _deliver(archive, config)
    left = {row["alert_id"] for row in archive.query(_WAITING)} & set(again)
    printing.line(f"{len(again) - len(left)} of {len(again)} alerts were delivered now.")
    if left:
        printing.say("The others wait and are tried again by `storylapse up` and `fetch`.")


def _deliver(archive: Archive, config: Config) -> None:
    from crawler.deliver import Postman, channel_addresses  # noqa: PLC0415
    from store.rules import configured  # noqa: PLC0415
    from store.stories import stories_of  # noqa: PLC0415

    channels = channel_addresses(config.alerts, os.environ)
    stories = stories_of(archive, config.stories)
    rules = configured(config, "", stories).rules
    with Postman(archive, channels, lambda: datetime.now(UTC), stories, rules) as postman:
        postman.tick()
        postman.finish()
