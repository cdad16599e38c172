"""What a page shows, piece by piece, and what its head claims, from its bytes alone. Pure.

Patterns run in linear time, since pages are hostile. A page may be fed in stretches, cut before
any "<": where a stretch begins, only what is hidden there and which link is open matter.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Tags that matter: links, what the head says, and where what is not shown begins and ends.
_NAMES = rb"(?:/?a|meta|title|script|style|noscript|template|svg)(?![a-z0-9-])"
_ENDS = rb"/(?:title|script|style|noscript|template|svg)"
_TAG = rb"[^<>]*>?"
# Text, then the tags (or comments) of no matter up to the next text, then one that matters. A "<"
# ends each, so nothing is scanned twice; and most of a page's tags are passed without a look.
_PIECE = re.compile(
    rb"([^<]*)((?:<(?!%b|%b)%b(?:\s++(?=<))?)*+)(<(%b)?%b)?" % (_NAMES, _ENDS, _TAG, _NAMES, _TAG),
    re.IGNORECASE,
)
_PLAIN = re.compile(rb"<%b" % _TAG)
_ADDRESS = re.compile(rb"""\shref\s*=\s*["']?([^"'\s>?#]*)""", re.IGNORECASE)
# What the head claims of the article: it changes with it, and rarely without it.
_CLAIM = re.compile(
    rb"""(?:name|property|itemprop)\s*=\s*["']?"""
    rb"""(?:article:|og:(?:title|description|type)|description\b|author\b|date|headline|last-mod)""",
    re.IGNORECASE,
)
_LINKED_DATA = re.compile(rb"ld\+json", re.IGNORECASE)
# A tag whose class or id speaks of a note makes one of what is in it.
_HINTS = (
    b"correct",
    b"corrig",
    b"errat",
    b"editor",
    b"clarif",
    b"retract",
    b"amend",
    b"rettelse",
    b"korrektur",
    b"rectif",
    b"rettif",
)


class Shown(NamedTuple):
    """Something a page shows: its words, and the address they link to (None outside links).

    ``start`` and ``end`` are its bytes' places in what was fed.
    """

    words: bytes
    address: bytes | None
    start: int
    end: int


class Page:
    """A page while it is gone through: what it showed so far, and where we are in it."""

    def __init__(self, address: bytes | None = None) -> None:
        """Begin a page, or in the midst of one, inside a link to ``address``."""
        self.shown: list[Shown] = []
        self.claims: list[bytes] = []
        self.address = address
        self._hidden = b""
        self._claiming = False

    @property
    def is_open(self) -> bool:
        """Whether what comes next is shown, and in no link."""
        return not self._hidden and self.address is None

    @property
    def is_hidden(self) -> bool:
        """Whether what comes next is not shown."""
        return bool(self._hidden)

    def hides(self, body: bytes) -> bool:
        """Whether nothing of a stretch is shown or claimed, nor of what comes just after it."""
        if not self._hidden or self._claiming:
            return False
        return b"</" + self._hidden not in body.lower()

    def feed(self, body: bytes) -> None:
        """Go through a stretch, which ends with the page or before a "<"."""
        pieces, end = _PIECE.findall(body), 0
        hinting = hints(b"".join([plain for _, plain, _, _ in pieces]))
        for text, plain, tag, name in pieces:
            start, end = end, end + len(text) + len(plain) + len(tag)
            if self._hidden:
                self._skip(text, tag)
                continue
            if text and not text.isspace():
                words = b" ".join(text.split())
                self.shown.append(Shown(words, self.address, start, start + len(text)))
            if hinting and hints(plain):
                self._mark(plain, start + len(text))
            if name:
                self._enter(tag, name.lower())

    def _mark(self, tags: bytes, start: int) -> None:
        """Mind tags that make a note of what is in them, as something shown."""
        self.shown.extend(
            Shown(one[0], None, start + one.start(), start + one.end())
            for one in _PLAIN.finditer(tags)
            if hints(one[0])
        )

    def _skip(self, text: bytes, tag: bytes) -> None:
        """Pass what is not shown, up to the end of its element; linked data are claims."""
        if self._claiming:
            self.claims.append(text)
        if tag[:2] == b"</" and tag[2 : 2 + len(self._hidden)].lower() == self._hidden:
            self._hidden = b""

    def _enter(self, tag: bytes, name: bytes) -> None:
        """Mind a tag: a link, a claim, or what is not shown."""
        if name == b"a":
            found = _ADDRESS.search(tag)
            self.address = found[1] if found else b""
        elif name == b"/a":
            self.address = None
        elif name == b"meta":
            if _CLAIM.search(tag):
                self.claims.append(tag)
        else:
            self._hidden = name
            self._claiming = name == b"title" or _LINKED_DATA.search(tag) is not None


def hints(markup: bytes) -> bool:
    """Whether markup speaks of a note."""
    lowered = markup.lower()
    return any(hint in lowered for hint in _HINTS)
