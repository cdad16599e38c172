"""Recognising a page whose article did not change, without reading it again. Pure.

A full reading costs tens of milliseconds; most looks find that only the page's furniture moved:
counters, advertisements, links to other stories. A *sketch* of a page that was read holds what
its article's region consists of, and what stood around it. A later page holds the same article
where the region is the same piece by piece, what the head says of the article is the same, and
nothing new around it could be text or a note. In every doubt the page is read in full.

It works on bytes, with patterns that run in linear time, since pages are hostile.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from store.model import BlockKind, Document
from store.text import normalise

# Text, then a tag (or a comment), with its name where the tag matters: links, what the head says,
# and what is not shown. A "<" ends both, so nothing is scanned twice.
_PIECE = re.compile(
    rb"([^<]*)(<(?:(/?a|meta|title|script|style|noscript|template|svg)(?![a-zA-Z0-9-]))?[^<>]*>?)?",
    re.IGNORECASE,
)
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
_DIGITS = re.compile(rb"\d+")
# Shorter new lines outside links are labels and counters, if nothing in them speaks of a note;
# what is written in other signs than ASCII has no such test, and counts as speaking of one.
_LINE = 25
_NOTE = re.compile(
    rb"correct|corrig|errat|updat|clarif|retract|amend|editor|note|misstat|earlier|ret(?:t|telse)|"
    rb"korrektur|berichtig|nachtrag|aktualis|rectif|mise|rettif|aggiorn|oppdat|opdat|[\x80-\xff]",
    re.IGNORECASE,
)
# Furniture counts up in a few words ("12 comments", "14 people read this at 10:05").
_COUNTER = 60
# The first and the last piece this long that the document holds, or the byline, enclose it.
_OWN = 15
_MOST_STARTS = 8
_HEAD, _ITEM = struct.Struct("<II"), struct.Struct("<Q")
_DIGEST = 16


class _Shown(NamedTuple):
    """Something a page shows: its words, and the address they link to (None outside links)."""

    words: bytes
    address: bytes | None


def sketch(body: bytes, document: Document) -> bytes:
    """What recognises the article of this page later; empty where nothing can.

    A page in another character set than UTF-8 is recognised by its plain letters' pieces.
    """
    shown, claims = _pieces(body)
    frame = [document.headline or "", document.standfirst or "", document.byline or ""]
    text = normalise(" ".join([*frame, *(block.text for block in document.blocks)]))
    author = normalise(document.byline or "")
    words = [_plain(piece.words) for piece in shown]
    captions = [normalise(b.text) for b in document.blocks if b.kind is BlockKind.CAPTION]
    own = [each in text or any(one in each for one in captions) for each in words]
    edges = [n for n, each in enumerate(words) if own[n] and (len(each) >= _OWN or each == author)]
    if not edges:
        return b""
    start, end = edges[0], edges[-1] + 1
    marks = bytes(own[start:end])
    around = {_short(_loose(piece.words)) for piece in [*shown[:start], *shown[end:]]}
    return b"".join(
        [
            _HEAD.pack(len(marks), len(around)),
            _ITEM.pack(_short(shown[start].words)),
            marks,
            _digest(_region(shown[start:end], marks)),
            _digest(claims),
            *map(_ITEM.pack, sorted(around)),
        ]
    )


def same_article(known: bytes, body: bytes) -> bool:
    """Whether a page holds the article of a sketch as it was, and nothing new that may matter."""
    if not known:
        return False
    size, count = _HEAD.unpack_from(known)
    at = _HEAD.size + _ITEM.size
    marks, at = known[at : at + size], at + size
    region, at = known[at : at + _DIGEST], at + _DIGEST
    head, at = known[at : at + _DIGEST], at + _DIGEST
    shown, claims = _pieces(body)
    if head != _digest(claims):
        return False
    around = {item for (item,) in _ITEM.iter_unpack(known[at : at + count * _ITEM.size])}
    for start in _starts(shown, _ITEM.unpack_from(known, _HEAD.size)[0], size):
        if _digest(_region(shown[start : start + size], marks)) == region:
            rest = [*shown[:start], *shown[start + size :]]
            return not any(_may_matter(piece, around) for piece in rest)
    return False


def _starts(shown: list[_Shown], first: int, size: int) -> list[int]:
    """Where the article could begin: a few places at most, however hostile the page."""
    places = range(len(shown) - size + 1)
    return [place for place in places if _short(shown[place].words) == first][:_MOST_STARTS]


def _pieces(body: bytes) -> tuple[list[_Shown], list[bytes]]:
    """What a page shows, in order, and what its head claims of the article."""
    page, hinting = _Page(), _hints(body)
    for text, tag, name in _PIECE.findall(body):
        if page.hidden:
            page.skip(text, tag)
            continue
        if text and not text.isspace():
            page.shown.append(_Shown(b" ".join(text.split()), page.address))
        if name:
            page.enter(tag, name.lower())
        elif hinting and _hints(tag):  # it makes a note of what is in it
            page.shown.append(_Shown(tag, None))
    return page.shown, page.claims


class _Page:
    """A page while it is gone through: what it showed so far, and where we are in it."""

    def __init__(self) -> None:
        self.shown: list[_Shown] = []
        self.claims: list[bytes] = []
        self.hidden = b""
        self.address: bytes | None = None
        self._claiming = False

    def skip(self, text: bytes, tag: bytes) -> None:
        """Pass what is not shown, up to the end of its element; linked data are claims."""
        if self._claiming:
            self.claims.append(text)
        if tag[:2] == b"</" and tag[2 : 2 + len(self.hidden)].lower() == self.hidden:
            self.hidden = b""

    def enter(self, tag: bytes, name: bytes) -> None:
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
            self.hidden = name
            self._claiming = name == b"title" or _LINKED_DATA.search(tag) is not None


def _hints(markup: bytes) -> bool:
    lowered = markup.lower()
    return any(hint in lowered for hint in _HINTS)


def _plain(words: bytes) -> str:
    return normalise(html.unescape(words.decode("utf-8", "replace")))


def _region(shown: list[_Shown], marks: bytes) -> Iterator[bytes]:
    """What the region is compared by: the article's pieces with their links, others loosely."""
    for piece, own in zip(shown, marks, strict=True):
        yield piece.words + b"\0" + (piece.address or b"") if own else _loose(piece.words)


def _loose(words: bytes) -> bytes:
    """A short piece of furniture without its counters and clocks.

    Of what the document does not hold no digit can change the document. A piece in other signs
    than ASCII may be part of a document in another character set, and stays as it is.
    """
    if len(words) > _COUNTER or not words.isascii():
        return words
    return _DIGITS.sub(b"0", words)


def _may_matter(piece: _Shown, around: set[int]) -> bool:
    """Whether a piece outside the article may be text or a note that was not there."""
    if _short(_loose(piece.words)) in around:
        return False
    long = len(piece.words) >= _LINE
    if _NOTE.search(piece.words):
        return piece.address is None or long
    return piece.address is None and long


def _short(words: bytes) -> int:
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "little")


def _digest(parts: Iterable[bytes]) -> bytes:
    whole = blake2b(digest_size=_DIGEST)
    for part in parts:
        whole.update(len(part).to_bytes(4, "little"))
        whole.update(part)
    return whole.digest()
