"""The seam to whoever reads pages: one callable, on another process, with one way to fail."""

from __future__ import annotations

from typing import Protocol

from store.model import Document


class Reader(Protocol):
    """Reads bodies (``crawler.parsers.ParserPool`` in production)."""

    def read(self, body: bytes, url: str, content_type: str) -> Document:
        """Return what the page says. Raises crawler.parsers.Unreadable. Blocks."""
        ...

    def holds(self, known: bytes, body: bytes) -> bool:
        """Return whether a page holds the article of a sketch, as it was. Blocks."""
        ...
