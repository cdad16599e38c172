"""Why a source fell silent: no news, feed moved, blocked, or our reading broke. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from dashboard.wording import counted, lasted

Row = Mapping[str, Any]

STALE_AFTER = timedelta(days=30)
"""Without a new article for so long a source has no news; doctor says the same."""
_ENOUGH = 3
"""Articles of a source that could not be read, before we doubt our reading and not them."""


class Silence(Enum):
    """Why nothing new comes from a source, as the page says it."""

    NO_NEWS = "No news"
    MOVED = "Feed moved"
    BLOCKED = "Blocked"
    BROKEN = "Extractor broke"
    UNREACHED = "No answer"
    EMPTY = "Read, and empty"


def silence(row: Row, now: datetime) -> tuple[Silence, str] | None:
    """Why a watched source (a row of ``source_list``) is silent, and what to do; None: it is not.

    What the last look at it met comes first, then what became of its articles.
    """
    if row["last_poll_at"] is None:
        return None
    return _LAST_LOOK.get(row["last_outcome"]) or _of_its_articles(row) or _of_its_list(row, now)


def _of_its_articles(row: Row) -> tuple[Silence, str] | None:
    """The list comes, and most of what it names does not."""
    most = max(row["readable"] + 1, _ENOUGH)
    if row["shut"] >= most:
        said = f"Its list comes, but {counted(row['shut'], 'article')} of it shut us out."
        return Silence.BLOCKED, said
    if row["unreadable"] >= most:
        said = f"Its list comes, but in {counted(row['unreadable'], 'page')} no article was found."
        return Silence.BROKEN, f"{said} The outlet may have a new layout (docs/layouts.md)."
    return None


def _of_its_list(row: Row, now: datetime) -> tuple[Silence, str] | None:
    if row["last_links"] == 0:
        return Silence.EMPTY, "It was read and names no article: is it still written?"
    last = row["news_at"] or row["added_at"]
    if now - last > STALE_AFTER:
        return Silence.NO_NEWS, f"Nothing new for {lasted(now - last)}: it may be given up."
    return None


_LAST_LOOK = {
    "moved": (Silence.MOVED, "It leads elsewhere now: watch the new address."),
    "gone": (Silence.MOVED, "Its address is gone: look on the site for the new one."),
    "blocked": (Silence.BLOCKED, "Something else than the list was shown to us."),
    "refused": (Silence.BLOCKED, "It does not want to be read by us, and is not."),
    "unreadable": (Silence.BROKEN, "An answer came in which we find no list of articles."),
    "failed": (Silence.UNREACHED, "No usable answer came; it is asked again, ever more rarely."),
}
