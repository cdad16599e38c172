"""What can go wrong with an archive: as a whole, or with one capture of it."""

from __future__ import annotations

from store.errors import StorylapseError


class ArchiveTrouble(StorylapseError):
    """A web archive, or a file, cannot be used any further; the message says what to do next."""


class Unusable(Exception):
    """One capture cannot be used. ``detail`` is a stable word, ``reason`` one sentence."""

    def __init__(self, detail: str, reason: str) -> None:
        super().__init__(reason)
        self.detail = detail
        self.reason = reason
