"""The commands that show what is kept: list, log, show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import addresses, printing
from dashboard.options import Chosen, JsonOption, NothingToShow, UsageError
from dashboard.selecting import moment
from store import message
from store.labels import in_words

if TYPE_CHECKING:
    from store.archive import Archive


_ARTICLES = """
    SELECT article, address, outlet, headline, versions, checks, last_check_at, last_outcome,
           last_reason, last_change_at, removed, added_at
    FROM article_list WHERE watching ORDER BY last_change_at DESC NULLS LAST, added_at, address
"""
_SOURCES = """
    SELECT source, kind, address, pattern, articles, polls, last_poll_at, last_outcome, last_reason,
           last_because, hub_reason, added_at
    FROM source_list WHERE watching ORDER BY added_at, address
"""


def list_watched(chosen: Chosen, *, as_json: JsonOption = False) -> None:
    """List what is watched: the sources, and the articles with their last check."""
    _, archive = chosen.open()
    sources, articles = archive.query(_SOURCES), archive.query(_ARTICLES)
    if as_json:
        for row in sources:
            printing.json_line({"watched": "source", **row})
        for row in articles:
            printing.json_line({"watched": "article", **row})
        return
    rows = [
        (row["source"], row["kind"], row["address"], f"{row['articles']} articles",
         row["last_outcome"] or "not asked yet", row["last_reason"])
        for row in sources
    ]  # fmt: skip
    if rows:
        printing.table(("Source", "Kind", "Address", "Found", "Last look", "Why"), rows)
    rows = [
        (row["article"], row["outlet"], row["headline"] or row["address"],
         f"{row['versions']} versions", row["last_outcome"] or "not fetched yet",
         row["last_reason"])
        for row in articles
    ]  # fmt: skip
    if rows:
        printing.table(("Article", "Outlet", "Headline", "Kept", "Last check", "Why"), rows)
    if not sources and not articles:
        printing.say("Nothing is watched yet; begin with: storylapse watch ADDRESS")


def log(
    chosen: Chosen,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address or article id.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Show the history of one article: its versions, what changed in each, and its checks."""
    from store.history import history_as_dict  # noqa: PLC0415

    _, archive = chosen.open()
    history = history_as_dict(archive, archive.article_id(address))
    if as_json:
        printing.json_line(history)
    else:
        _print_history(history)


def _when(version: dict[str, Any]) -> str:
    before = version["checked_before_at"]
    return message.interval(
        datetime.fromisoformat(before) if before else None,
        datetime.fromisoformat(version["seen_first_at"]),
        version["checked_before_by"],
        version["captured_by"],
    )


def _whose(version: dict[str, Any]) -> str:
    return message.provenance(
        version["captured_by"],
        datetime.fromisoformat(version["seen_first_at"]),
        datetime.fromisoformat(version["capture_read_at"]),
    )


def _print_history(history: dict[str, Any]) -> None:
    for version in reversed(history["versions"]):
        printing.line(f"version {version['version']}: {_when(version)}")
        printing.line(f"    {printing.field(version['headline'])}")
        if version["captured_by"]:
            printing.line(f"    {_whose(version)}: {printing.field(version['capture_address'])}")
        for change in version["changes"]:
            printing.line(f"    {change['kind']}: {printing.field(change['reason'])}")
        printing.line()
    checks = history["checks"]
    if not checks and history["captures"]:
        printing.say("No check of ours is among it: all of it was captured by others.")
        return
    if not checks:
        printing.say("It was not fetched yet; do so now with: storylapse fetch --all")
        return
    last = checks[-1]
    printing.say(f"{len(checks)} checks; the last, at {last['at']}: {last['reason']}")
    if last["because"]:
        printing.say(f"Why that check was made: {last['because']}")


def show(
    chosen: Chosen,
    address: Annotated[
        str,
        typer.Argument(metavar="ADDRESS[@VERSION]", help="An article; its newest version, or one."),
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            help="What it said then: a date or time (UTC), or 90m, 24h, 7d, 2w ago.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the text of one version of an article, with its notes; with --at, what it said then."""
    from store.history import captured_as_dict, comments_as_dicts  # noqa: PLC0415
    from store.report import document_as_dict  # noqa: PLC0415

    _, archive = chosen.open()
    spot = addresses.spot(archive, address)
    if at is not None:
        version, known = stood(archive, spot, at)
        printing.say(known)
    else:
        version = spot.version or current_version(archive, spot.article_id)
    document = document_as_dict(archive.document(spot.article_id, version))
    document["version"] = version
    document["comments"] = comments_as_dicts(archive, spot.article_id)
    document |= captured_as_dict(archive, spot.article_id, version)
    if as_json:
        printing.json_line(document)
        return
    print_document(document)
    if document["captured_by"]:
        printing.say(f"{_whose(document)}: {printing.field(document['capture_address'])}")


def print_document(document: dict[str, Any]) -> None:
    """Print one document, as ``document_as_dict`` gives it, to stdout."""
    printing.line(printing.field(document["headline"]))
    claims = [name for name in ("byline", "published", "modified") if document[name]]
    if claims:
        printing.line("; ".join(f"{name}: {printing.field(document[name])}" for name in claims))
    for block in document["blocks"]:
        printing.line()
        printing.line(_MARKS.get(block["kind"], "") + block["text"])
    for note in document["notes"]:
        kind = in_words(note["kind"])
        printing.say(f"The outlet's {kind} ({note['place']}): {printing.field(note['text'])}")


_MARKS = {"heading": "## ", "list_item": "- ", "quote": "> ", "note": "[note] "}


def stood(archive: Archive, spot: addresses.Spot, at: str) -> tuple[int, str]:
    """Return the version that was seen last by a moment, and what is known of that moment.

    Raises UsageError for a time that is none, NothingToShow where no state of it was seen by then.
    """
    from store import standing  # noqa: PLC0415

    if spot.version is not None:
        raise UsageError("Name a version or a moment, not both.")
    when = moment(at, datetime.now(UTC))
    with archive.reading() as connection:
        found = standing.standing(standing.sightings(connection, spot.article_id), when)
    if found is None:
        raise NothingToShow("Nothing of it was read yet; `storylapse log` says why.")
    known = standing.in_words(found, when)
    if found.before is None or found.before.version is None:
        raise NothingToShow(known)
    return found.before.version, known


def current_version(archive: Archive, article_id: int) -> int:
    """Return the number of the state an article is in now.

    Raises NothingToShow where nothing of it was read yet.
    """
    rows = archive.query(
        "SELECT current_version, address FROM article_list WHERE article_id = ?", [article_id]
    )
    number = rows[0]["current_version"]
    if number is None:
        raise NothingToShow(
            f"Nothing of {rows[0]['address']} was read yet; "
            "`storylapse fetch` looks now, `storylapse log` says what came of it."
        )
    return int(number)
