"""Where articles come from: feeds, sitemaps, section pages and lists, read without trust.

Pure: bytes in, links out. Every size and count is bounded, entities are never expanded, and
whatever a hostile feed makes a parser raise ends as one DiscoveryError.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from zlib import crc32

import feedparser
from lxml import etree
from lxml import html as lxml_html

from crawler.compression import CompressionError, decoded
from crawler.parsers import Unreadable, check_markup
from store.address import canonical, host_of
from store.model import Link, Outcome, SourceKind

LARGEST_FEED_BYTES = 2 * 2**20
LARGEST_SITEMAP_BYTES = 16 * 2**20
MOST_LINKS = 1_000
"""Most links taken from one feed or section page; busy feeds carry some hundreds."""
MOST_SITEMAP_LINKS = 5_000
MOST_CHILD_SITEMAPS = 5
"""Sitemaps of an index that are asked at one poll, newest first: the others hold older articles."""
LONGEST_TITLE = 2_000
_MOST_TAGS = 200_000
"""Most "<" read of any page or feed here: parsers take time in proportion, or worse."""
_LONGEST_TAG = re.compile(rb"<[^<>]{16384}")
"""One start tag with 40,000 attributes holds lxml for 93 s, within every other limit."""

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


@dataclass(frozen=True, slots=True)
class PollDue:
    """One source the schedule wants asked."""

    source_id: int
    address: str
    kind: SourceKind
    etag: str | None = None
    last_modified: str | None = None
    pattern: str | None = None  # for section pages: what an article's address must match
    part: bool = False  # one sitemap of an index; what it offers belongs to the same source


@dataclass(frozen=True, slots=True)
class Poll:
    """What came of asking one source; with outcome READ, ``links`` is what it offers now."""

    source_id: int
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    detail: str
    reason: str
    etag: str | None = None
    last_modified: str | None = None
    links: tuple[Link, ...] = ()


class DiscoveryError(ValueError):
    """A source that cannot be read; ``detail`` is a stable word for it."""

    def __init__(self, detail: str, reason: str) -> None:
        super().__init__(reason)
        self.detail = detail


def links_of(
    kind: SourceKind, body: bytes, address: str, pattern: str | None = None
) -> tuple[Link, ...]:
    """Return what the source at ``address`` offers, each address once, in its order.

    A sitemap index yields no links here, but ``sitemaps_of`` does. Raises DiscoveryError.
    """
    if kind is SourceKind.SITEMAP:
        return sitemap_links(body, address)
    if kind is SourceKind.PAGE:
        return page_links(body, address, pattern)
    if kind is SourceKind.LIST:
        return opml_links(body) if b"<opml" in body[:2000].lower() else list_links(body)
    return feed_links(body, address)


def feed_links(body: bytes, address: str) -> tuple[Link, ...]:
    """Return the entries of an RSS, Atom or JSON feed. Raises DiscoveryError."""
    if body.lstrip()[:1] == b"{":
        return _json_feed_links(body, address)
    _check_markup(body, LARGEST_FEED_BYTES)
    body = _NUMBER.sub(_without_surrogates, body)
    try:
        feed: Any = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
        entries = list(feed.entries)[:MOST_LINKS]
        found = [_entry_link(entry, address) for entry in entries]
    except Exception as error:  # noqa: BLE001 - feedparser raises many things on hostile feeds
        raise _unreadable("feed", error) from None
    if not entries and not feed.get("version"):
        raise DiscoveryError("not_a_feed", f"What stands at {address:.200} is not a feed.")
    return _once(found)


def sitemap_links(body: bytes, address: str) -> tuple[Link, ...]:
    """Return the pages of a sitemap or news sitemap, plain or gzipped. Raises DiscoveryError."""
    root = _sitemap(body)
    found = []
    for entry in root.iterfind("{*}url"):
        where = _text(entry, "{*}loc")
        title = _text(entry, "{*}news/{*}title")
        stamp = _text(entry, "{*}lastmod") or _text(entry, "{*}news/{*}publication_date")
        found.append(_link(where, address, title, moment_of(stamp)))
        if len(found) >= MOST_SITEMAP_LINKS:
            break
    return _once(found)


def sitemaps_of(body: bytes, address: str) -> tuple[Link, ...]:
    """Return the sitemaps that a sitemap index names, newest first; none for a plain sitemap."""
    found = [
        _link(_text(entry, "{*}loc"), address, None, moment_of(_text(entry, "{*}lastmod")))
        for entry in _sitemap(body).iterfind("{*}sitemap")
    ]
    oldest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(_once(found), key=lambda link: link.stamped_at or oldest, reverse=True))


def page_links(body: bytes, address: str, pattern: str | None = None) -> tuple[Link, ...]:
    """Return the links of a section page to the same host that match ``pattern``.

    ``pattern`` is text that an address must contain, with ``*`` for anything; without one, a link
    counts where its path looks like an article's: a date, a long number or a slug of four words.
    """
    host = host_of(address)
    fits = _pattern(pattern) if pattern else _ARTICLE_PATH
    found = []
    for anchor in _page(body).iterfind(".//a[@href]"):
        title = " ".join(anchor.text_content().split())
        link = _link(anchor.get("href"), address, title)
        if link and host_of(link.address) == host and fits.search(link.address):
            found.append(link)
    return _once(list(found))[:MOST_LINKS]


def opml_links(body: bytes) -> tuple[Link, ...]:
    """Return the feeds that an OPML file lists. Raises DiscoveryError."""
    root = _xml(body, LARGEST_FEED_BYTES, "list")
    found = (
        _link(outline.get("xmlUrl"), "", outline.get("title") or outline.get("text"))
        for outline in root.iter("outline")
        if outline.get("xmlUrl")
    )
    return _once(list(found))[:MOST_LINKS]


def list_links(body: bytes) -> tuple[Link, ...]:
    """Return the addresses of a plain list, one a line; blank lines and # lines are passed over."""
    lines = (line.strip() for line in _decoded(body[:LARGEST_FEED_BYTES]).splitlines())
    return _once([_link(line, "") for line in lines if line and not line.startswith("#")])


def feeds_of(body: bytes, address: str) -> tuple[Link, ...]:
    """Return the feeds that a page announces in its head (autodiscovery)."""
    found = []
    for link in _page(body).iterfind(".//link[@href]"):
        rels = set((link.get("rel") or "").lower().split())
        if "alternate" in rels and (link.get("type") or "").strip().lower() in _FEED_TYPES:
            found.append(_link(link.get("href"), address, link.get("title")))
    return _once(list(found))[:MOST_LINKS]


_KINDS = (
    (re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]"), SourceKind.SITEMAP),
    (re.compile(rb"<opml[\s>]"), SourceKind.LIST),
    (re.compile(rb"<(?:rss|rdf:rdf|feed)[\s>]"), SourceKind.FEED),
    (re.compile(rb"^\s*\{[^<]*jsonfeed\.org/version"), SourceKind.FEED),
)


def kind_of(body: bytes, content_type: str) -> SourceKind | None:
    """Return what kind of source this is, None where it is a page of its own.

    What the body says counts more than its label, since feeds are served under every label.
    """
    start = _unzipped(body)[:4000].lower()
    if b"<html" in start or b"<!doctype html" in start:
        return None
    for looks, kind in _KINDS:
        if looks.search(start):
            return kind
    is_list = content_type.startswith("text/plain") and _is_list(body)
    return SourceKind.LIST if is_list else None


_ARTICLE_PATH = re.compile(
    r"^https?://[^/]+/.*(?:\d{4}[/-]\d{1,2}[/-]\d{1,2}|\d{5,}|[a-z0-9]+(?:-[a-z0-9]+){3,})",
    re.IGNORECASE,
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))


def _is_list(body: bytes) -> bool:
    lines = [line for line in body[:20_000].split(b"\n") if line.strip()]
    return bool(lines) and all(line.strip().startswith((b"http", b"#")) for line in lines[:50])


# Half of a character, which no text may hold and feedparser raises on.
_NUMBER = re.compile(rb"&#(x[0-9a-f]{1,8}|[0-9]{1,8});", re.IGNORECASE)


def _without_surrogates(found: re.Match[bytes]) -> bytes:
    number = found[1].lower()
    code = int(number[1:], 16) if number.startswith(b"x") else int(number)
    return b"" if 0xD800 <= code <= 0xDFFF else found[0]


def _json_feed_links(body: bytes, address: str) -> tuple[Link, ...]:
    if len(body) > LARGEST_FEED_BYTES:
        raise _too_large(LARGEST_FEED_BYTES)
    try:
        feed = json.loads(body)
        items = feed["items"][:MOST_LINKS]
        found = [_item_link(item, address) for item in items]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _unreadable("feed", error) from None
    return _once(found)


def _item_link(item: Any, address: str) -> Link | None:
    where = item.get("url") or item.get("external_url") or item.get("id")
    stamp = item.get("date_modified") or item.get("date_published")
    link = _link(where, address, item.get("title"), moment_of(stamp))
    return _worded(link, item.get("title"), item.get("summary"))


def _worded(link: Link | None, title: Any, summary: Any) -> Link | None:
    """Return a feed's link with what the feed says of it, as a number."""
    wording = crc32(f"{title}\n{summary}".encode("utf-8", "replace"))
    return link and replace(link, wording=wording)


def _entry_link(entry: Any, address: str) -> Link | None:
    # Asked for by "in": feedparser would give the one for the other, with a warning.
    name = "updated_parsed" if "updated_parsed" in entry else "published_parsed"
    stamp = entry.get(name)
    stamped_at = _moment(stamp)
    link = _link(entry.get("link") or entry.get("id"), address, entry.get("title"), stamped_at)
    return _worded(link, entry.get("title"), entry.get("summary"))


def _moment(stamp: Any) -> datetime | None:
    """Return feedparser's UTC time tuple as a time; nonsense years are none."""
    if not stamp or stamp[0] < 1990:
        return None
    year, month, day, hour, minute, second = stamp[:6]
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)


def _link(
    where: Any, base: str, title: Any = None, stamped_at: datetime | None = None
) -> Link | None:
    """Return one link, or None where what stands there is no web address."""
    if not isinstance(where, str):
        return None
    try:
        address = canonical(urljoin(base, where.strip()))
    except ValueError:
        return None
    return Link(address, _title(title), stamped_at)


def _title(title: Any) -> str | None:
    """Return a title as one clean line: no surrogates, no control characters."""
    if not isinstance(title, str):
        return None
    text = title[: 2 * LONGEST_TITLE].encode("utf-8", "ignore").decode("utf-8")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text[:LONGEST_TITLE] or None


def moment_of(text: Any) -> datetime | None:
    """Return an ISO 8601 time as UTC; a time without a zone is taken as UTC."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text.strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _once(links: list[Link | None]) -> tuple[Link, ...]:
    """Return the links that are, each address once, the first of it."""
    found: dict[str, Link] = {}
    for link in links:
        if link is not None:
            found.setdefault(link.address, link)
    return tuple(found.values())


def _sitemap(body: bytes) -> etree._Element:
    root = _xml(_unzipped(body), LARGEST_SITEMAP_BYTES, "sitemap")
    if etree.QName(root).localname.lower() not in {"urlset", "sitemapindex"}:
        # An error page would else be a sitemap that offers nothing.
        raise DiscoveryError("not_a_sitemap", "What stands at this address is not a sitemap.")
    return root


def _unzipped(body: bytes) -> bytes:
    """Return the body of a .gz file, or the body itself where it is none or broken."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return decoded(body, ("gzip",), LARGEST_SITEMAP_BYTES)
    except CompressionError as error:
        raise DiscoveryError(error.detail, f"The file could not be unpacked: {error}") from None


def _xml(body: bytes, most: int, what: str) -> etree._Element:
    _check_markup(body, most)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _unreadable(what, error) from None
    if root is None:
        raise DiscoveryError("unreadable", f"The {what} could not be read: it holds no XML.")
    return root


def _page(body: bytes) -> lxml_html.HtmlElement:
    try:
        check_markup(body)
        return lxml_html.document_fromstring(_decoded(body))
    except Unreadable as error:
        raise DiscoveryError(error.detail, error.reason) from None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise _unreadable("page", error) from None


def _check_markup(body: bytes, most: int) -> None:
    """Refuse, in linear time, what would hold a parser."""
    if len(body) > most:
        raise _too_large(most)
    if b"<!ENTITY" in body or b"<!entity" in body:
        raise DiscoveryError("entities", "The file declares XML entities, which are not expanded.")
    if body.count(b"<") > _MOST_TAGS or _LONGEST_TAG.search(body):
        raise DiscoveryError("too_complex", "The file holds more mark-up than can be read in time.")


def _too_large(most: int) -> DiscoveryError:
    return DiscoveryError("too_large", f"The file is larger than the {most} bytes that are read.")


def _unreadable(what: str, error: Exception) -> DiscoveryError:
    return DiscoveryError("unreadable", f"The {what} could not be read ({type(error).__name__}).")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _text(element: etree._Element, path: str) -> str | None:
    return element.findtext(path)
