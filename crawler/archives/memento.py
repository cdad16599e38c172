"""What an archive says it holds of a page: CDX where it speaks it, else its TimeMap. Pure.

CDX answers are read by ``cdx-toolkit``, which knows the dialects of the Wayback Machine (one
JSON list) and of pywb (a JSON object a line). TimeMaps are link-format (RFC 7089, RFC 6690).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from cdx_toolkit import cdx_to_captures

from crawler.archives.trouble import ArchiveTrouble

MOST_LISTED = 20_000
"""Captures of one page that are looked at in a list; hourly captures of two years."""

_LINK = re.compile(r"<([^<>]{1,4000})>((?:\s*;\s*[\w*]{1,40}\s*=\s*\"[^\"]{0,500}\")*)")
_PARAMETER = re.compile(r"([\w*]{1,40})\s*=\s*\"([^\"]*)\"")
# The part of a replay address that says when, and in which form: /20260101100000mp_/
_WHEN = re.compile(r"/(\d{14})(?:[a-z]{2}_)?/(https?:.*)", re.DOTALL)
_TIMESTAMP = re.compile(r"\d{14}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an archive answers. ``replay`` is followed by timestamp, form and address."""

    name: str
    cdx: str
    timemap: str
    replay: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One capture that an archive lists. ``digest`` and ``status`` where it states them."""

    captured_at: datetime
    captured_address: str
    address: str
    digest: str | None = None
    status: int | None = None


KNOWN: dict[str, Endpoint] = {
    # As their help pages give them (archive.org/help/wayback_api.php, arquivo.pt/api).
    "web.archive.org": Endpoint(
        "web.archive.org",
        "https://web.archive.org/cdx/search/cdx",
        "https://web.archive.org/web/timemap/link/",
        "https://web.archive.org/web/",
    ),
    "arquivo.pt": Endpoint(
        "arquivo.pt",
        "https://arquivo.pt/wayback/cdx",
        "https://arquivo.pt/wayback/timemap/link/",
        "https://arquivo.pt/wayback/",
    ),
}


def endpoint(archive: str) -> Endpoint:
    """Return the endpoints of an archive: a known one's host, or the address of a pywb collection.

    Raises ArchiveTrouble for anything else.
    """
    known = KNOWN.get(urlsplit(archive).hostname or archive.lower())
    if known is not None:
        return known
    base = archive.rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ArchiveTrouble(
            f"'{archive}' is no archive known here ({', '.join(KNOWN)}) and no address; give "
            "--archive-url the address of a collection, for example https://archive.example/news."
        )
    return Endpoint(parts.netloc, f"{base}/cdx", f"{base}/timemap/link/", f"{base}/")


def raw_address(end: Endpoint, captured_at: datetime, captured_address: str) -> str:
    """Return where the page stands as it was captured, without the archive's own mark-up."""
    return f"{end.replay}{captured_at.astimezone(UTC):%Y%m%d%H%M%S}id_/{captured_address}"


def from_cdx(end: Endpoint, text: str) -> list[Listed]:
    """Return the captures of a CDX answer. Raises ValueError for what is none."""
    if not text.strip():
        return []
    answer = SimpleNamespace(status_code=200, text=text)
    try:
        captures = [dict(capture.data) for capture in cdx_to_captures(answer)[:MOST_LISTED]]
    except (TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError("This is no CDX.") from error
    found = (_from_row(end, row) for row in captures)
    return [one for one in found if one is not None]


def _from_row(end: Endpoint, row: dict[str, Any]) -> Listed | None:
    when, address = str(row.get("timestamp", "")), str(row.get("url", ""))
    captured_at = _moment(when)
    if captured_at is None or not address:
        return None
    status, digest = str(row.get("status", "")), _stated(str(row.get("digest") or ""))
    return Listed(
        captured_at,
        address,
        raw_address(end, captured_at, address),
        digest=digest,
        status=int(status) if status.isascii() and status.isdigit() else None,
    )


def _stated(digest: str) -> str | None:
    """Return a digest as WARC files write it; indexes leave out that it is SHA-1."""
    if not digest.isascii() or not digest.isprintable() or not 0 < len(digest) < 200:
        return None
    return digest if ":" in digest else f"sha1:{digest}"


def _moment(timestamp: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def from_timemap(end: Endpoint, text: str) -> list[Listed]:
    """Return the mementos of a TimeMap in link-format."""
    found = (_from_link(end, *link) for link in _links(text))
    return [one for one, _ in zip(filter(None, found), range(MOST_LISTED), strict=False)]


def _links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in _LINK.finditer(text):
        yield match[1], dict(_PARAMETER.findall(match[2]))


def _from_link(end: Endpoint, address: str, parameters: dict[str, str]) -> Listed | None:
    place = _WHEN.search(address)
    if "memento" not in parameters.get("rel", "").split() or place is None:
        return None
    try:
        stated = parsedate_to_datetime(parameters.get("datetime", ""))
    except (ValueError, OverflowError):
        return None
    if stated.tzinfo is None:
        return None
    return Listed(
        stated.astimezone(UTC), place[2], raw_address(end, stated.astimezone(UTC), place[2])
    )
