"""RSS, RDF, Atom and JSON Feed, read without trust. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from crawler.offers import Hub, Offer, Rest, link, moment_of, once, worded
from crawler.opening import (
    LARGEST_FEED_BYTES,
    DiscoveryError,
    as_text,
    check_size,
    is_whole,
    resolved,
    unreadable,
)
from store.model import Link

MOST_LINKS = 1_000
"""Most links taken from one feed or section page; busy feeds carry some hundreds."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST_SKIP = 4_000
_SKIP = {
    name: re.compile(rf"(?is)<skip{name}s\s*>(.{{0,{_LONGEST_SKIP}}}?)</skip{name}s\s*>")
    for name in ("hour", "day")
}
# Half of a character, which no text may hold and feedparser raises on.
_NUMBER = re.compile(rb"&#(x[0-9a-f]{1,8}|[0-9]{1,8});", re.IGNORECASE)


def read_feed(body: bytes, address: str) -> Offer:
    """Return what an RSS, Atom or JSON feed offers. Raises DiscoveryError."""
    if body.lstrip()[:1] == b"{":
        return _json_feed(body, address)
    check_size(body, LARGEST_FEED_BYTES)
    try:
        feed: Any = feedparser.parse(
            _NUMBER.sub(_without_surrogates, body),
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        entries = list(feed.entries)[:MOST_LINKS]
        told = entries if is_whole(body) else entries[:-1]
        links = once([_entry_link(entry, address) for entry in told])
        offer = Offer(links, rest=_rest(feed.feed, body), hub=_hub(feed.feed, address))
    except Exception as error:  # noqa: BLE001 - feedparser raises many things on hostile feeds
        raise unreadable("feed", error) from None
    if not entries and not feed.get("version"):
        raise DiscoveryError("not_a_feed", f"What stands at {address:.200} is not a feed.")
    return offer


def _without_surrogates(found: re.Match[bytes]) -> bytes:
    number = found[1].lower()
    code = int(number[1:], 16) if number.startswith(b"x") else int(number)
    return b"" if 0xD800 <= code <= 0xDFFF else found[0]


def _entry_link(entry: Any, address: str) -> Link | None:
    # Asked for by "in": feedparser would give the one for the other, with a warning.
    name = "updated_parsed" if "updated_parsed" in entry else "published_parsed"
    place = entry.get("feedburner_origlink") or entry.get("link") or _as_place(entry.get("id"))
    found = link(place, address, entry.get("title"), _moment(entry.get(name)))
    return worded(found, entry.get("title"), entry.get("summary"))


def _as_place(identifier: Any) -> str | None:
    """Return an item's id where it is an address: a name is none, however it would resolve."""
    is_address = isinstance(identifier, str) and identifier.strip().startswith(("http:", "https:"))
    return identifier if is_address else None


def _moment(stamp: Any) -> datetime | None:
    """Return feedparser's UTC time tuple as a time; nonsense years are none."""
    if not stamp or stamp[0] < 1990:
        return None
    year, month, day, hour, minute, second = stamp[:6]
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)


def _rest(channel: Any, body: bytes) -> Rest:
    """Return when an RSS feed asks not to be read (RSS 2.0: ttl, skipHours, skipDays)."""
    minutes = _number(channel.get("ttl"), 0, 10_080)
    hours = {_number(text, 0, 24) for text in _skipped("hour", body)}
    days = {text.lower() for text in _skipped("day", body)}
    return Rest(
        timedelta(minutes=minutes or 0),
        frozenset(hour % 24 for hour in hours if hour is not None),
        frozenset(place for place, day in enumerate(_DAYS) if day in days),
    )


def _skipped(name: str, body: bytes) -> list[str]:
    found = _SKIP[name].search(as_text(body[:65_536]))
    return re.findall(rf"(?i)<{name}>\s*(\w{{1,9}})\s*<", found[1]) if found else []


def _number(text: Any, least: int, most: int) -> int | None:
    text = str(text).strip()
    digits = text.isascii() and text.isdigit() and len(text) < 9
    return int(text) if digits and least <= int(text) <= most else None


def _hub(channel: Any, address: str) -> Hub | None:
    """Return the hub that a feed names in its links, with its own name for itself."""
    links = [one for one in channel.get("links") or () if isinstance(one, dict)]
    return hub_of(((one.get("rel"), one.get("href")) for one in links), address)


def hub_of(relations: Iterable[tuple[Any, Any]], address: str) -> Hub | None:
    """Return the hub among named links, as the topic that stands beside it (WebSub, section 4)."""
    named: dict[str, str] = {}
    for name, target in relations:
        place = resolved(target, address)
        if place and isinstance(name, str):
            named.setdefault(name.lower(), place)
    hub = named.get("hub")
    return Hub(hub, named.get("self", address)) if hub else None


def _json_feed(body: bytes, address: str) -> Offer:
    check_size(body, LARGEST_FEED_BYTES, LARGEST_FEED_BYTES)
    try:
        feed = json.loads(body)
        items = feed["items"][:MOST_LINKS]
        hubs = [(one["type"], one["url"]) for one in feed.get("hubs") or ()]
        relations = [("hub", url) for kind, url in hubs if str(kind).lower() == "websub"]
        own = [("self", feed["feed_url"])] if feed.get("feed_url") else []
        links = once([_item_link(item, address) for item in items])
        return Offer(links, hub=hub_of([*relations, *own], address))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise unreadable("feed", error) from None


def _item_link(item: Any, address: str) -> Link | None:
    where = item.get("url") or item.get("external_url") or _as_place(item.get("id"))
    stamp = item.get("date_modified") or item.get("date_published")
    found = link(where, address, item.get("title"), moment_of(stamp))
    return worded(found, item.get("title"), item.get("summary"))
