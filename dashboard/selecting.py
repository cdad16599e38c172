"""Which changes are meant: the options that ``changes`` and ``export`` share, checked and read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.options import UsageError
from store.labels import KINDS

if TYPE_CHECKING:
    from store.archive import Archive
    from store.config import Config
    from store.selection import Selection

_SPAN = re.compile(r"([0-9]{1,6})(m|h|d|w)")
_SET_UP = "none is set up: write [[{}]] into storylapse.toml (docs/exports.md)."
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

SinceOption = Annotated[
    str | None,
    typer.Option(
        metavar="WHEN",
        help="Only what was first seen since then: 90m, 24h, 7d, 2w, or a date or time (UTC).",
    ),
]
UntilOption = Annotated[
    str | None, typer.Option(metavar="WHEN", help="Only what was first seen before then.")
]
KindOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND",
        help=f"Only this kind, of the change, the event or the article as a whole: "
        f"{', '.join(KINDS)}; repeatable.",
    ),
]
OutletOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this outlet, as `list` shows it; repeatable."),
]
ArticleOption = Annotated[
    list[str] | None, typer.Option(metavar="ADDRESS", help="Only this article; repeatable.")
]
StoryOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="Only articles of this story of the configuration; repeatable."
    ),
]
SearchOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="A saved search of the configuration; what else is typed stands in for its own.",
    ),
]
HeldOption = Annotated[
    bool,
    typer.Option("--held", help="Also what is held back as noise."),
]


def selection(
    archive: Archive,
    now: datetime,
    *,
    since: str | None,
    until: str | None,
    kinds: Iterable[str] | None,
    outlets: Iterable[str] | None,
    articles: Iterable[str] | None,
    held: bool,
    full_text: bool = False,
) -> Selection:
    """Return the selection that the options mean.

    Raises UsageError for a time, kind or outlet that does not exist, and UnknownArticle.
    """
    from store.selection import Selection  # noqa: PLC0415

    return Selection(
        articles=tuple(archive.article_id(one) for one in articles or ()),
        outlets=_known(outlets, _outlets(archive), "outlet"),
        kinds=_known(kinds, KINDS, "kind of change"),
        since=moment(since, now) if since else None,
        until=moment(until, now) if until else None,
        held=held,
        full_text=full_text,
    )


def saved(config: Config, search: str | None, **typed: Any) -> dict[str, Any]:
    """Return what ``selection`` takes: what was typed, and of a saved search what was not.

    ``articles`` and ``stories`` typed add up to one list of articles. Raises UsageError for a
    search or story that the configuration does not have.
    """
    searches = {one.name: one.model_dump(exclude={"name"}) for one in config.searches}
    (found,) = (
        _known([search], list(searches), "saved search", none=_SET_UP.format("searches"))
        if search
        else (None,)
    )
    own = searches[found] if found else {}
    if typed["articles"] or typed["stories"]:
        own = own | {"articles": (), "stories": ()}
    asked = {name: value or own.get(name) for name, value in typed.items()}
    asked["held"] = bool(asked["held"])
    stories = {one.name: one.articles for one in config.stories}
    names = _known(asked.pop("stories"), list(stories), "story", none=_SET_UP.format("stories"))
    of_stories = [article for name in names for article in stories[name]]
    return asked | {"articles": [*(asked["articles"] or ()), *of_stories]}


def moment(text: str, now: datetime) -> datetime:
    """Return what ``text`` means: so long before ``now``, or a date or time (UTC without a zone).

    Raises UsageError.
    """
    span = _SPAN.fullmatch(text.strip())
    try:
        if span:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        meant = datetime.fromisoformat(text.strip())
        return meant.astimezone(UTC) if meant.tzinfo else meant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"'{text}' is no time; write 90m, 24h, 7d, 2w, 2026-11-22 or 2026-11-22T09:00."
        ) from None


def _outlets(archive: Archive) -> list[str]:
    rows = archive.query("SELECT outlet FROM article_list UNION SELECT host FROM article_list")
    return [row["outlet"] for row in rows]


def _known(
    wanted: Iterable[str] | None,
    known: Sequence[str],
    what: str,
    none: str = "the archive holds none yet.",
) -> tuple[str, ...]:
    """Return what is wanted as it is spelt in ``known``, whatever its case.

    Raises UsageError, with the nearest name, some names, or the hint for where there is ``none``.
    """
    spelt = {name.casefold(): name for name in known}
    found = []
    for name in wanted or ():
        if name.casefold() not in spelt:
            close = difflib.get_close_matches(name.casefold(), spelt, n=1)
            hint = f"did you mean '{spelt[close[0]]}'?" if close else _some(known, none)
            raise UsageError(f"There is no {what} '{name}'; {hint}")
        found.append(spelt[name.casefold()])
    return tuple(found)


def _some(known: Sequence[str], none: str) -> str:
    shown = ", ".join(sorted(dict.fromkeys(map(str, known)))[:8])
    return f"there are, for example: {shown}." if shown else none
