"""The seam to whoever reads pages: on another process, with one way to fail."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from crawler.sketches import Known
from store.model import Document


class Reading(NamedTuple):
    """A page that was read, and what knows it later."""

    document: Document
    known: Known


class Reader(Protocol):
    """Reads bodies (``crawler.parsers.ParserPool`` in production)."""

    def read(self, body: bytes, url: str, content_type: str) -> Document:
        """Return what the page says. Raises crawler.parsers.Unreadable. Blocks."""
        ...

    def look(self, body: bytes, url: str, content_type: str, known: bytes) -> Reading | None:
        """Read the page, unless it holds the article of a sketch as it was: None then.

        ``known`` is empty where nothing is to be recognised. Raises crawler.parsers.Unreadable.
        Blocks.
        """
        ...
