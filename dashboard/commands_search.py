"""The command search: words and phrases in all that any version said."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.options import Chosen, JsonOption, NothingToShow, UsageError
from dashboard.selecting import ArticleOption, OutletOption, SinceOption, UntilOption, selection
from store import message

if TYPE_CHECKING:
    from store.search import Hit, Look


def search(
    chosen: Chosen,
    words: Annotated[
        list[str], typer.Argument(metavar="WORD...", help="Words, and phrases in quotes.")
    ],
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    outlet: OutletOption = None,
    article: ArticleOption = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Show this many at most.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Search all that any version said: sentences and headlines that hold every word.

    The newest come first, each with the version that brought it and the one that came without it.
    Case and accents do not count; in Chinese, Japanese, Korean and Thai any part of a word is
    found. The first search of an archive makes filters that later ones use.
    """
    from store.findable import query  # noqa: PLC0415  (DuckDB takes 0.1 s)
    from store.search import Wanted  # noqa: PLC0415

    _, archive = chosen.open()
    chosen_ones = selection(
        archive,
        datetime.now(UTC),
        since=since,
        until=until,
        kinds=None,
        outlets=outlet,
        articles=article,
        held=True,
    )
    try:
        wanted = Wanted(query(words), chosen_ones)
    except ValueError as error:
        raise UsageError(str(error)) from None
    with printing.progress("Making filters") as advance:
        hits = list(itertools.islice(archive.search(wanted, advance), limit))
    if not hits:
        raise NothingToShow("No version says that, as far as was asked.")
    for hit in hits:
        if as_json:
            printing.json_line(as_dict(hit))
        else:
            _show(hit)
    if len(hits) == limit:
        printing.say(f"These are the newest {limit}; --limit shows more, --until older ones.")


def as_dict(hit: Hit) -> dict[str, Any]:
    """Return a hit as the command writes it in JSON."""
    return {
        "article": f"{hit.article_id:x}",
        "address": hit.address,
        "outlet": hit.outlet,
        "headline": hit.headline,
        "place": hit.place,
        "text": hit.text,
        "first_seen_in": _look(hit.first),
        "removed_in": None if hit.removed is None else _look(hit.removed),
    }


def _look(look: Look) -> dict[str, Any]:
    return {
        "version": look.version,
        "checked_before_at": look.before_at,
        "seen_first_at": look.seen_at,
        "checked_before_by": look.before_by,
        "captured_by": look.seen_by,
    }


def _show(hit: Hit) -> None:
    printing.heading(f"{hit.outlet}: {hit.headline or hit.address}")
    printing.line(f"    {hit.text}" if hit.place == "text" else f"    (headline) {hit.text}")
    printing.line(f"    First in {_told(hit.article_id, hit.first)}")
    gone = "Not removed" if hit.removed is None else f"Gone in {_told(hit.article_id, hit.removed)}"
    printing.line(f"    {gone}")


def _told(article: int, look: Look) -> str:
    when = message.interval(look.before_at, look.seen_at, look.before_by, look.seen_by)
    return f"{article:x}@{look.version}. {when}"
