"""Opening what sources send, without trust: sizes bounded, entities refused, one error. Pure.

Whatever a hostile file makes a parser raise ends as one DiscoveryError.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from lxml import html as lxml_html

from crawler.compression import CompressionError, decoded
from crawler.parsers import Unreadable, check_markup

LARGEST_FEED_BYTES = 2 * 2**20
LARGEST_SITEMAP_BYTES = 50 * 2**20
"""What sitemaps.org allows one to be, unpacked."""
_MOST_TAGS = 200_000
"""Most "<" read of any page or feed here: parsers take time in proportion, or worse."""
_LONGEST_TAG = re.compile(rb"<[^<>]{16384}")
"""One start tag with 40,000 attributes holds lxml for 93 s, within every other limit."""


_CLOSED = re.compile(rb"</(?:[\w-]+:)?(?:rss|feed|rdf|urlset|sitemapindex)\s*>", re.IGNORECASE)


class DiscoveryError(ValueError):
    """A source that cannot be read; ``detail`` is a stable word for it."""

    def __init__(self, detail: str, reason: str) -> None:
        super().__init__(reason)
        self.detail = detail


def xml_root(body: bytes, what: str) -> etree._Element:
    """Return the root of an XML file of a feed's size. Raises DiscoveryError."""
    check_size(body, LARGEST_FEED_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise unreadable(what, error) from None
    if root is None:
        raise DiscoveryError("unreadable", f"The {what} could not be read: it holds no XML.")
    return root


def page_root(body: bytes, address: str) -> tuple[lxml_html.HtmlElement, str]:
    """Return a page and the address that its links are relative to. Raises DiscoveryError."""
    try:
        check_markup(body)
        root = lxml_html.document_fromstring(as_text(body))
    except Unreadable as error:
        raise DiscoveryError(error.detail, error.reason) from None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise unreadable("page", error) from None
    base = root.find(".//base[@href]")
    return root, address if base is None else resolved(base.get("href"), address) or address


def resolved(where: Any, base: str) -> str | None:
    """Return an address that stands at ``base``, made absolute; None where it is none."""
    if not isinstance(where, str):
        return None
    try:
        return urljoin(base, where.strip())
    except ValueError:
        return None


def check_size(body: bytes, most: int, most_tags: int = _MOST_TAGS) -> None:
    """Refuse, in linear time, what would hold a parser. Raises DiscoveryError."""
    if len(body) > most:
        raise DiscoveryError(
            "too_large", f"The file is larger than the {most} bytes that are read."
        )
    # A file of two bytes a letter would hide what is looked for here.
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in body[:64]:
        body = body.replace(b"\0", b"")
    if b"<!ENTITY" in body or b"<!entity" in body:
        raise DiscoveryError("entities", "The file declares XML entities, which are not expanded.")
    if body.count(b"<") > most_tags or _LONGEST_TAG.search(body):
        raise DiscoveryError("too_complex", "The file holds more mark-up than can be read in time.")


def is_whole(body: bytes) -> bool:
    """Say whether a feed or sitemap is closed at its end: of a cut one the last address is too."""
    return _CLOSED.search(body[-2048:].replace(b"\0", b"")) is not None


def unzipped(body: bytes) -> bytes:
    """Return what a .gz file holds, or the body itself where it is none. Raises DiscoveryError."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return decoded(body, ("gzip",), LARGEST_SITEMAP_BYTES)
    except CompressionError as error:
        raise DiscoveryError(error.detail, f"The file could not be unpacked: {error}") from None


def as_text(body: bytes) -> str:
    """Return bytes as text: UTF-8, and where they are none, what browsers take then."""
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def unreadable(what: str, error: Exception) -> DiscoveryError:
    """Return the error for what a parser gave up on."""
    return DiscoveryError("unreadable", f"The {what} could not be read ({type(error).__name__}).")
