"""What a source offers at one poll: links, further sources, what it asks of readers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from crawler.opening import resolved
from store.address import AddressError, canonical
from store.model import Link, SourceKind

LONGEST_TITLE = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """Something to read beside the source itself: a sitemap of an index, a page's feed."""

    address: str
    kind: SourceKind


@dataclass(frozen=True, slots=True)
class Hub:
    """Where a feed tells others that it changed (WebSub), and under which name: its topic."""

    address: str
    topic: str


@dataclass(frozen=True, slots=True)
class Rest:
    """When a feed asks not to be read: for so long after each time, and in hours and days of UTC.

    ``hours`` run from 0 to 23, ``days`` from 0 (Monday) to 6.
    """

    time_to_live: timedelta = timedelta(0)
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source holds now. ``feeds`` are those an OPML list names: sources of their own."""

    links: tuple[Link, ...] = ()
    parts: tuple[Part, ...] = ()
    feeds: tuple[Link, ...] = ()
    named: int = 0  # how many parts there are, of which ``parts`` are read
    rest: Rest = Rest()
    hub: Hub | None = None


def link(
    where: Any, base: str, title: Any = None, stamped_at: datetime | None = None
) -> Link | None:
    """Return one link, or None where what stands there is no web address."""
    place = resolved(where, base)
    try:
        address = canonical(place) if place else None
    except AddressError:
        return None
    return Link(address, _title(title), stamped_at) if address else None


def worded(found: Link | None, title: Any, summary: Any) -> Link | None:
    """Return a feed's link with what the feed says of it, as a number."""
    wording = crc32(f"{title}\n{summary}".encode("utf-8", "replace"))
    return found and replace(found, wording=wording)


def once(links: list[Link | None]) -> tuple[Link, ...]:
    """Return the links that are, each address once, the first of it."""
    found: dict[str, Link] = {}
    for one in links:
        if one is not None:
            found.setdefault(one.address, one)
    return tuple(found.values())


def moment_of(text: Any) -> datetime | None:
    """Return an ISO 8601 time as UTC; a time without a zone is taken as UTC."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text.strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _title(title: Any) -> str | None:
    """Return a title as one clean line: no surrogates, no control characters."""
    if not isinstance(title, str):
        return None
    text = title[: 2 * LONGEST_TITLE].encode("utf-8", "ignore").decode("utf-8")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text[:LONGEST_TITLE] or None
