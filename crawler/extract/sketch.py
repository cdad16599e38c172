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
from functools import lru_cache
from hashlib import blake2b

from crawler.extract.shown import Page, Shown
from store.model import BlockKind, Document
from store.text import normalise

_DIGITS = re.compile(rb"\d+")
# Shorter new lines outside links are labels and counters, if nothing in them speaks of a note.
_LINE = 25
# Small letters alone: a pattern of words to be found by their first letters is twice as quick.
_NOTE = re.compile(
    rb"correct|corrig|errat|updat|clarif|retract|amend|editor|note|misstat|earlier|ret(?:t|telse)|"
    rb"korrektur|berichtig|nachtrag|aktualis|rectif|mise|rettif|aggiorn|oppdat|opdat"
)
# Furniture counts up in a few words ("12 comments", "14 people read this at 10:05").
_COUNTER = 60
# The first and the last piece this long that the document holds, or the byline, enclose it.
_OWN = 15
_MOST_STARTS = 8
_HEAD, _ITEM = struct.Struct("<IIII"), struct.Struct("<Q")
_DIGEST = 16


def sketch(body: bytes, document: Document) -> bytes:
    """What recognises the article of this page later; empty where nothing can.

    A page in another character set than UTF-8 is recognised by its plain letters' pieces.
    """
    shown, claims = _pieces(body)
    frame = [document.headline or "", document.standfirst or "", document.byline or ""]
    text = normalise(" ".join([*frame, *(block.text for block in document.blocks)]))
    author = normalise(document.byline or "")
    captions = [normalise(b.text) for b in document.blocks if b.kind is BlockKind.CAPTION]

    def is_own(words: str) -> bool:
        return words in text or any(one in words for one in captions)

    def encloses(piece: Shown) -> bool:
        words = _plain(piece.words)
        return (len(words) >= _OWN or words == author) and is_own(words)

    start = next((n for n, piece in enumerate(shown) if encloses(piece)), None)
    if start is None:
        return b""
    end = next(n for n in range(len(shown), 0, -1) if encloses(shown[n - 1]))
    marks = bytes(is_own(_plain(piece.words)) for piece in shown[start:end])
    place = shown[start].start, shown[end - 1].end
    around = {_short(loose(piece.words)) for piece in [*shown[:start], *shown[end:]]}
    return b"".join(
        [
            _HEAD.pack(*place, len(marks), len(around)),
            _ITEM.pack(_short(shown[start].words)),
            marks,
            digest_of(_region(shown[start:end], marks)),
            digest_of(claims),
            *map(_ITEM.pack, sorted(around)),
        ]
    )


def same_article(known: bytes, body: bytes) -> bool:
    """Whether a page holds the article of a sketch as it was, and nothing new that may matter."""
    if not known:
        return False
    _, _, size, _ = _HEAD.unpack_from(known)
    at = _HEAD.size + _ITEM.size
    marks, at = known[at : at + size], at + size
    region, at = known[at : at + _DIGEST], at + _DIGEST
    shown, claims = _pieces(body)
    if known[at : at + _DIGEST] != digest_of(claims):
        return False
    around = around_of(known)
    for start in _starts(shown, _ITEM.unpack_from(known, _HEAD.size)[0], size):
        if digest_of(_region(shown[start : start + size], marks)) == region:
            rest = [*shown[:start], *shown[start + size :]]
            return not any(may_matter(piece, around) for piece in rest)
    return False


def place_of(known: bytes) -> tuple[int, int]:
    """Where the article's region began and ended in the bytes that a sketch was made of."""
    start, end, _, _ = _HEAD.unpack_from(known)
    return start, end


def around_of(known: bytes) -> set[int]:
    """What stood around the article, for ``may_matter``."""
    count = _HEAD.unpack_from(known)[3]
    return {item for (item,) in _ITEM.iter_unpack(known[len(known) - count * _ITEM.size :])}


def _starts(shown: list[Shown], first: int, size: int) -> list[int]:
    """Where the article could begin: a few places at most, however hostile the page."""
    places = range(len(shown) - size + 1)
    return [place for place in places if _short(shown[place].words) == first][:_MOST_STARTS]


@lru_cache(maxsize=1)
def _pieces(body: bytes) -> tuple[list[Shown], list[bytes]]:
    """What a page shows, in order, and what its head claims of the article.

    Remembered, since a page that is not recognised is sketched next.
    """
    page = Page()
    page.feed(body)
    return page.shown, page.claims


def _plain(words: bytes) -> str:
    return normalise(html.unescape(words.decode("utf-8", "replace")))


def _region(shown: list[Shown], marks: bytes) -> Iterator[bytes]:
    """What the region is compared by: the article's pieces with their links, others loosely."""
    for piece, own in zip(shown, marks, strict=True):
        yield piece.words + b"\0" + (piece.address or b"") if own else loose(piece.words)


def loose(words: bytes) -> bytes:
    """A short piece of furniture without its counters and clocks.

    Of what the document does not hold no digit can change the document. A piece in other signs
    than ASCII may be part of a document in another character set, and stays as it is.
    """
    return _DIGITS.sub(b"0", words) if _counts(words) else words


def _counts(words: bytes) -> bool:
    return len(words) <= _COUNTER and words.isascii()


def minds_digits(piece: Shown) -> bool:
    """Whether with other digits a piece that stood around the article may matter."""
    words, address = piece.words, piece.address
    if _counts(words) or (address is not None and not _speaks_of_a_note(words)):
        return False
    return _DIGITS.search(words) is not None


def may_matter(piece: Shown, around: set[int]) -> bool:
    """Whether a piece outside the article may be text or a note that was not there."""
    is_long = len(piece.words) >= _LINE
    if piece.address is None:
        matters = is_long or _speaks_of_a_note(piece.words)
    else:
        matters = is_long and _speaks_of_a_note(piece.words)
    return matters and _short(loose(piece.words)) not in around


def _speaks_of_a_note(words: bytes) -> bool:
    """Whether words may be of a note; in other signs than ASCII nothing here can tell."""
    return not words.isascii() or _NOTE.search(words.lower()) is not None


def _short(words: bytes) -> int:
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "little")


def digest_of(parts: Iterable[bytes]) -> bytes:
    """A digest of parts in their order."""
    whole = blake2b(digest_size=_DIGEST)
    for part in parts:
        whole.update(len(part).to_bytes(4, "little"))
        whole.update(part)
    return whole.digest()
