"""Sitemaps, news sitemaps and indexes of them, plain or gzipped, read without trust. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlsplit

from lxml import etree

from crawler.feeds import read_feed
from crawler.offers import Offer, Part, link, moment_of, once
from crawler.opening import (
    LARGEST_SITEMAP_BYTES,
    DiscoveryError,
    as_text,
    check_size,
    is_whole,
    unreadable,
    unzipped,
)
from store.model import Link, SourceKind

MOST_SITEMAP_LINKS = 5_000
"""Links taken of one sitemap, of up to 50,000: the newest; the others are the site's archive."""
MOST_CHILD_SITEMAPS = 5
"""Sitemaps of an index that are asked at one poll, the newest: the others hold older articles."""
_MOST_TAGS = 3_000_000
"""50,000 addresses with pictures and news tags; read one by one, they take a few seconds."""
_NEWS = re.compile(r"news|latest|recent", re.IGNORECASE)
_OLDEST = datetime.min.replace(tzinfo=UTC)
_FEEDS = {"rss", "feed", "rdf"}


def read_sitemap(body: bytes, address: str) -> Offer:
    """Return what a sitemap offers: its newest pages, or of an index its newest sitemaps.

    A feed, and a plain list of addresses, may stand in for a sitemap (sitemaps.org). Raises
    DiscoveryError.
    """
    body = unzipped(body)
    check_size(body, LARGEST_SITEMAP_BYTES, _MOST_TAGS)
    if body.lstrip()[:8].lower().startswith((b"http://", b"https:/")):
        return Offer(_newest(once([link(line, address) for line in as_text(body).split()])))
    pages, sitemaps, root = _entries(body, address)
    if root in _FEEDS:
        return read_feed(body, address)
    if root not in {"urlset", "sitemapindex"}:
        # An error page would else be a sitemap that offers nothing.
        raise _not_a_sitemap(address)
    parts = [Part(one.address, SourceKind.SITEMAP) for one in _children(sitemaps)]
    return Offer(_newest(pages), tuple(parts), named=len(sitemaps))


def _entries(body: bytes, address: str) -> tuple[tuple[Link, ...], tuple[Link, ...], str]:
    """Return the pages, the sitemaps, and the root's name, forgetting each entry once read."""
    pages: list[Link | None] = []
    sitemaps: list[Link | None] = []
    walk = etree.iterparse(
        BytesIO(body),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, entry in walk:
            is_page = etree.QName(entry).localname == "url"
            (pages if is_page else sitemaps).append(_entry(entry, address))
            entry.clear()
            _forget_before(entry)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise unreadable("sitemap", error) from None
    if walk.root is None:
        is_page = b"<html" in body[:2000].lower()
        raise _not_a_sitemap(address) if is_page else _no_xml()
    if not is_whole(body):
        del (pages or sitemaps)[-1:]
    return once(pages), once(sitemaps), etree.QName(walk.root).localname.lower()


def _not_a_sitemap(address: str) -> DiscoveryError:
    return DiscoveryError("not_a_sitemap", f"What stands at {address:.200} is not a sitemap.")


def _no_xml() -> DiscoveryError:
    return DiscoveryError("unreadable", "The sitemap could not be read: it holds no XML.")


def _forget_before(entry: etree._Element) -> None:
    parent = entry.getparent()
    while parent is not None and entry.getprevious() is not None:
        del parent[0]


def _entry(entry: etree._Element, address: str) -> Link | None:
    stamp = entry.findtext("{*}lastmod") or entry.findtext("{*}news/{*}publication_date")
    title = entry.findtext("{*}news/{*}title")
    return link(entry.findtext("{*}loc"), address, title, moment_of(stamp))


def _newest(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return as many links as are taken, in their order: those with the newest stamps.

    Without stamps files are written oldest or newest first: both ends are taken.
    """
    if len(links) <= MOST_SITEMAP_LINKS:
        return links
    newest = set(_ranked(links)[:MOST_SITEMAP_LINKS])
    return tuple(one for place, one in enumerate(links) if place in newest)


def _ranked(links: tuple[Link, ...]) -> list[int]:
    """Return the places of links, newest stamp first, then from both ends to the middle."""
    last = len(links) - 1
    return sorted(
        range(len(links)),
        key=lambda place: (
            -(links[place].stamped_at or _OLDEST).timestamp(),
            min(place, last - place),
        ),
    )


def _children(sitemaps: tuple[Link, ...]) -> list[Link]:
    """Return the sitemaps of an index to ask: one for news whatever its stamp, then the newest."""
    order = [sitemaps[place] for place in _ranked(sitemaps)]
    order.sort(key=lambda one: not _NEWS.search(urlsplit(one.address).path))
    return order[:MOST_CHILD_SITEMAPS]
