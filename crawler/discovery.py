"""Where articles come from: feeds, sitemaps, section pages and lists, read without trust.

Pure: bytes in, an offer out. Every size and count is bounded, entities are never expanded, and
whatever a hostile source makes a parser raise ends as one DiscoveryError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import html as lxml_html

from crawler.feeds import MOST_LINKS, read_feed
from crawler.offers import Offer, Part, link, once
from crawler.opening import (
    LARGEST_FEED_BYTES,
    DiscoveryError,
    as_text,
    page_root,
    unzipped,
    xml_root,
)
from crawler.sitemaps import read_sitemap
from store.address import canonical, host_of
from store.model import Link, SourceKind

DEEPEST_PART = 2
"""An index may name an index (sitemaps.org forbids it, sites do it); there the walk ends."""
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


@dataclass(frozen=True, slots=True)
class PollDue:
    """One source the schedule wants asked.

    ``pattern`` is what an article's address must hold. ``depth`` is above 0 for a part of the
    source, such as one sitemap of an index; ``is_first`` says that the source was never read, so
    that all it offers was there before. ``because`` says in one sentence why it is asked now.
    """

    source_id: int
    address: str
    kind: SourceKind
    etag: str | None = None
    last_modified: str | None = None
    pattern: str | None = None
    depth: int = 0
    is_first: bool = False
    because: str | None = None


def offer_of(kind: SourceKind, body: bytes, address: str, pattern: str | None = None) -> Offer:
    """Return what the source at ``address`` offers, each address once, in its order.

    ``pattern`` is text that an address must contain, with ``*`` for anything.
    Raises DiscoveryError.
    """
    offer = _offer_of(kind, body, address, pattern)
    if pattern is None:
        return offer
    fits = _pattern(pattern)
    return replace(offer, links=tuple(one for one in offer.links if fits.search(one.address)))


def _offer_of(kind: SourceKind, body: bytes, address: str, pattern: str | None) -> Offer:
    if kind is SourceKind.SITEMAP:
        return read_sitemap(body, address)
    if kind is SourceKind.PAGE:
        return read_page(body, address, every_link=pattern is not None)
    if kind is SourceKind.LIST:
        return Offer(feeds=opml_links(body)) if _is_opml(body) else Offer(list_links(body))
    try:
        return read_feed(body, address)
    except DiscoveryError as error:
        raise _with_feed(error, body, address) from None


def parts_of(due: PollDue, offer: Offer) -> list[PollDue]:
    """Return what is to be read beside ``due`` because it turned out to name it."""
    if due.depth >= DEEPEST_PART:
        return []
    return [
        replace(
            due, address=part.address, kind=part.kind, etag=None, last_modified=None,
            depth=due.depth + 1,
        )
        for part in offer.parts
        if part.address != due.address
    ]  # fmt: skip


def read_page(body: bytes, address: str, *, every_link: bool = False) -> Offer:
    """Return the links of a section page to its own host, and the feed that it announces.

    Without ``every_link`` a link counts where its path looks like an article's: a date, a long
    number or a slug of four words. Raises DiscoveryError.
    """
    root, base = page_root(body, address)
    host, here = host_of(address), canonical(address)
    found = []
    for anchor in root.iterfind(".//a[@href]"):
        title = " ".join(anchor.text_content().split())
        one = link(anchor.get("href"), base, title)
        if one and one.address != here and host_of(one.address) == host:
            found.append(one)
    wanted = [one for one in found if every_link or _ARTICLE_PATH.search(one.address)]
    feed = [one for one in _announced(root, base) if not _COMMENTS.search(_words(one))][:1]
    parts = tuple(Part(one.address, SourceKind.FEED) for one in feed)
    return Offer(once(list(wanted))[:MOST_LINKS], parts, named=len(parts))


def opml_links(body: bytes) -> tuple[Link, ...]:
    """Return the feeds that an OPML file lists. Raises DiscoveryError."""
    found = (
        link(place, "", outline.get("title") or outline.get("text"))
        for outline in xml_root(body, "list").iter("{*}outline", "outline")
        if (place := outline.get("xmlUrl") or outline.get("xmlurl"))
    )
    return once(list(found))[:MOST_LINKS]


def list_links(body: bytes) -> tuple[Link, ...]:
    """Return the addresses of a plain list, one a line; blank lines and # lines are passed over.

    Raises DiscoveryError for something else, of which no line is an address.
    """
    lines = [line.strip() for line in as_text(body[:LARGEST_FEED_BYTES]).splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    links = once([link(line, "") for line in wanted])
    if wanted and not links:
        raise DiscoveryError("not_a_list", "No line of the file is an address with http in front.")
    return links


def feeds_of(body: bytes, address: str) -> tuple[Link, ...]:
    """Return the feeds that a page announces (autodiscovery). Raises DiscoveryError."""
    return _announced(*page_root(body, address))


def _announced(root: lxml_html.HtmlElement, base: str) -> tuple[Link, ...]:
    found = []
    for element in root.iterfind(".//link[@href]"):
        rels = set((element.get("rel") or "").lower().split())
        label = (element.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in rels and label in _FEED_TYPES:
            found.append(link(element.get("href"), base, element.get("title")))
    return once(list(found))[:MOST_LINKS]


def _with_feed(error: DiscoveryError, body: bytes, address: str) -> DiscoveryError:
    """Say which feed to watch where a page stands in the place of one."""
    if error.detail != "not_a_feed":
        return error
    try:
        feeds = feeds_of(body, address)
    except DiscoveryError:
        feeds = ()
    if not feeds:
        return error
    return DiscoveryError(error.detail, f"{error} It announces one, to watch: {feeds[0].address}")


_KINDS = (
    (re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]"), SourceKind.SITEMAP),
    (re.compile(rb"<opml[\s>]"), SourceKind.LIST),
    (re.compile(rb"<(?:rss|rdf:rdf|feed|\w+:feed)[\s>]"), SourceKind.FEED),
    (re.compile(rb"^\s*\{[^<]*jsonfeed\.org/version"), SourceKind.FEED),
)


def kind_of(body: bytes, content_type: str) -> SourceKind | None:
    """Return what kind of source this is, None where it is a page of its own.

    What the body says counts more than its label, since feeds are served under every label.
    """
    start = unzipped(body)[:4000].lower()
    if b"<html" in start or b"<!doctype html" in start:
        return None
    for looks, kind in _KINDS:
        if looks.search(start):
            return kind
    is_list = content_type.startswith("text/plain") and _is_list(body)
    return SourceKind.LIST if is_list else None


_ARTICLE_PATH = re.compile(
    r"^https?://[^/]+/.*(?:\d{4}[/-]\d{1,2}[/-]\d{1,2}|\d{5,}|[a-z0-9%_]+(?:-[a-z0-9%_]+){3,})",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comment|podcast", re.IGNORECASE)


def _words(one: Link) -> str:
    return f"{one.title} {one.address}"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))


def _is_opml(body: bytes) -> bool:
    return b"<opml" in body[:2000].lower()


def _is_list(body: bytes) -> bool:
    lines = [line for line in body[:20_000].split(b"\n") if line.strip()]
    return bool(lines) and all(line.strip().startswith((b"http", b"#")) for line in lines[:50])
