"""A captured page, read as any page is: the same parsers, the same gate, another origin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from crawler import answers
from crawler.answers import Ending
from crawler.extract.pages import address_of_page
from crawler.parsers import Unreadable
from crawler.reading import Reader
from store.address import AddressError, canonical
from store.model import Capture, Captured, Document, Outcome

MOST_HEADERS = 200
LONGEST_HEADER = 8_000
_FIRST_OF_SEVERAL = Ending(
    Outcome.UNREADABLE,
    "incomplete",
    "The capture holds the first page of an article of several; the others are not looked for.",
)


def read_page(
    reader: Reader, capture: Capture, address: str, body: bytes, content_type: str
) -> Captured:
    """Return the capture with what the page at ``address`` says, or what stood there instead."""
    digest = hashlib.sha256(body).hexdigest()
    ending, document = _read(reader, address, body, content_type)
    known = _ended(replace(capture, body_digest=digest), ending)
    return Captured(known, body, document) if ending is answers.READ else Captured(known)


def _read(
    reader: Reader, address: str, body: bytes, content_type: str
) -> tuple[Ending, Document | None]:
    refused = answers.of_body(content_type, body, ends_by_close=False)
    if refused is not None:
        return refused, None
    try:
        document = reader.read(body, address, content_type)
    except Unreadable as error:
        return Ending(Outcome.UNREADABLE, error.detail, error.reason), None
    if address_of_page(address, 2, document.page_links):
        return _FIRST_OF_SEVERAL, None
    return answers.of_reading(document), document


def _ended(capture: Capture, ending: Ending) -> Capture:
    return replace(capture, outcome=ending.outcome, detail=ending.detail, reason=ending.reason)


def bounded_headers(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return response headers, no more and no longer than an honest server sends."""
    cut = ((str(name)[:200], str(value)[:LONGEST_HEADER]) for name, value in pairs)
    return tuple(pair for pair, _ in zip(cut, range(MOST_HEADERS), strict=False))


def same_page(one: str, other: str) -> bool:
    """Whether two addresses differ at most in scheme, ``www.``, letter case and a last slash.

    So much do archives fold when they look an address up (SURT).
    """
    try:
        return _folded(one) == _folded(other)
    except AddressError:
        return False


def _folded(address: str) -> str:
    rest = canonical(address).partition("://")[2].lower()
    return rest.removeprefix("www.").rstrip("/")
