"""Reading what people hand over as addresses: arguments, lists on stdin, OPML files."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dashboard.options import UsageError
from store.address import AddressError, canonical
from store.errors import UnknownArticle

if TYPE_CHECKING:
    from store.archive import Archive

_AT_VERSION = re.compile(r"(?P<address>.+)@(?P<version>[0-9]{1,9})", re.DOTALL)

_SITEMAP_PATH = re.compile(r"sitemap[^/]*(?:\.xml|\.xml\.gz|\.txt|/)?$", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:rss|feeds?|atom|index\.rdf)/?$|\.(?:rss|atom|rdf|xml)$|(?:rss|feed|atom)\.json$",
    re.IGNORECASE,
)


class What(StrEnum):
    """What an address is watched as."""

    AUTO = "auto"
    ARTICLE = "article"
    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Spot:
    """An article of the archive and, where one was named, a version."""

    article_id: int
    version: int | None = None


def spot(archive: Archive, text: str) -> Spot:
    """Return what ``ADDRESS``, ``ID``, ``ADDRESS@VERSION`` or ``ID@VERSION`` names.

    An address may itself end in ``@7``: where the whole text is known, it is taken whole.
    Raises UnknownArticle, and AddressError for what is neither address nor id.
    """
    named = _AT_VERSION.fullmatch(text)
    if named is None:
        return Spot(archive.article_id(text))
    try:
        return Spot(archive.article_id(text))
    except (UnknownArticle, AddressError):
        return Spot(archive.article_id(named["address"]), int(named["version"]))


def names_version(text: str) -> bool:
    """Whether ``text`` is written ``ADDRESS@VERSION`` and names no file."""
    return _AT_VERSION.fullmatch(text) is not None and not Path(text).exists()


def handed_over(arguments: Iterable[str], what: What) -> Iterator[tuple[str, What]]:
    """Yield each address that ``arguments`` mean, with what it is to be watched as.

    ``-`` stands for the lines of stdin (blank lines and ``#`` comments left out), a local file
    ending in .opml for the feeds in it, one in .txt for its lines. Raises UsageError for a file
    that cannot be read.
    """
    for argument in arguments:
        if argument == "-":
            yield from ((address, what) for address in _lines(sys.stdin))
        elif "://" not in argument and argument.lower().endswith(".opml"):
            yield from ((address, What.FEED) for address in _feeds_in(Path(argument)))
        elif "://" not in argument and argument.lower().endswith(".txt"):
            yield from ((address, what) for address in _listed_in(Path(argument)))
        else:
            yield argument, what


def settled(address: str, what: What) -> tuple[str, What]:
    """Return the canonical address and what it is; where asked to, guess by its path.

    A guess costs nothing and no request; where it is wrong, ``--kind`` says better.
    Raises AddressError.
    """
    known = canonical(address)
    return known, _guess(known) if what is What.AUTO else what


def _guess(address: str) -> What:
    path = urlsplit(address).path
    if path.lower().endswith(".opml"):
        return What.LIST
    if _SITEMAP_PATH.search(path):
        return What.SITEMAP
    if _FEED_PATH.search(path):
        return What.FEED
    return What.PAGE if path == "/" else What.ARTICLE


def _feeds_in(file: Path) -> list[str]:
    from crawler.discovery import opml_links  # noqa: PLC0415
    from crawler.opening import DiscoveryError  # noqa: PLC0415

    try:
        feeds = [link.address for link in opml_links(file.read_bytes())]
    except FileNotFoundError:
        raise UsageError(f"There is no file {file}; check its name.") from None
    except (OSError, DiscoveryError) as error:
        raise UsageError(f"{file}: {error} Export it again from your reader.") from None
    if not feeds:
        raise UsageError(f"{file} holds no feed (no outline with an xmlUrl); check the export.")
    return feeds


def _listed_in(file: Path) -> list[str]:
    try:
        found = list(_lines(file.read_text("utf-8-sig").splitlines()))
    except FileNotFoundError:
        raise UsageError(f"There is no file {file}; check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}. Save it as plain text.") from None
    if not found:
        raise UsageError(f"{file} holds no address; write one a line.")
    return found


def _lines(lines: Iterable[str]) -> Iterator[str]:
    for written in lines:
        address = written.strip()
        if address and not address.startswith("#"):
            yield address
