"""A look of a fraction of a millisecond at a page that was read before. Pure.

A page is cut into the article's region and, around it, chunks that end with a link or a script:
there a page is mostly in no link, and shows what comes next. Of a page that was read we keep which
chunks cannot matter wherever they stand, as numbers, and the region as it was written. A later
page holds the same article where the region stands in it as it was, and what the other chunks show
and claim passes the same test that ``crawler.extract.sketch`` makes of a whole page. So whatever is
recognised here the sketch would recognise too; what is not, it may still.

Regions differ where tags carry numbers that are never the same; then tags that mean nothing to the
test are left out of the paragraphs that differ. Chunks are kept with their digits folded, unless a
digit could matter. So are whole parts up to a script, and all that stands above or below the
article: what moved in most pages is little, and the rest is known by a few numbers.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from crawler.extract.shown import Page, hints
from crawler.extract.sketch import around_of, may_matter, minds_digits, place_of

_DIGITS = b"0123456789"
# Folded to 9, since the search for a tag passes over a sign faster that shares no bits with it.
_FOLDED = bytes.maketrans(_DIGITS, b"9" * len(_DIGITS))
_LINK, _SCRIPT = b"</a>", b"</script>"
_PARAGRAPH = b"</p>"
# What is cheap to see: real pages have some hundred chunks, of which few are new.
_MOST_BYTES = 4 * 2**20
_MOST_PIECES = 4_000
_MOST_NEW_TAGS = 1_500
# Where a region begins and ends is found by so many bytes, which may stand elsewhere as well.
_EDGE = 200
_MOST_PLACES = 100
# What a script or a style sheet holds is not shown; linked data are claims.
_CODE = re.compile(
    rb"<(?:script(?![a-z0-9-])(?![^<>]*ld\+json)[^<>]*>[^<]*(?=</script)|"
    rb"style(?![a-z0-9-])(?![^<>]*ld\+json)[^<>]*>[^<]*(?=</style))",
    re.IGNORECASE,
)
# Tags of which the test takes no notice, unless they hint at a note.
_PLAIN = re.compile(
    rb"(?:<(?!(?:/?a|meta|title|script|style|noscript|template|svg)(?![a-z0-9-])|"
    rb"/(?:title|script|style|noscript|template|svg))[^<>]*>?\s*+)++",
    re.IGNORECASE,
)
# Stands for them; a page's own "<>" is such a tag too.
_MARK = b"<>"
# Known by (its bytes, digits folded), start and end.
_Piece = tuple[int, int, int]
# How a piece is known: not at all, by its bytes with digits folded or as they are, by its claims.
_UNKNOWN, _LOOSELY, _EXACTLY, _CLAIMING = "-", "l", "e", "c"


@dataclass(frozen=True, slots=True)
class Chunks:
    """What the chunks around an article are known by: hashes of this process.

    ``claiming`` holds those of which the head says something, with the hashes of its claims.
    """

    harmless: Collection[int]
    claiming: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What all that stands above an article, or below it, is known by.

    ``whole`` and ``claims`` are hashes, ``link`` is the address of the link open at its end.
    """

    whole: int
    claims: int
    link: bytes | None


@dataclass(frozen=True, slots=True)
class Glance:
    """What a page is known by at a glance, in this process alone.

    ``first`` and ``last`` are bytes by which the region is found, with how many such stand before.
    ``region`` are hashes of its paragraphs, ``bare`` those without plain tags; ``link`` is the
    address of the link that is open at its end.
    """

    first: tuple[bytes, int]
    last: tuple[bytes, int]
    region: array[int]
    bare: array[int]
    link: bytes | None
    above: Stretch
    below: Stretch
    chunks: Chunks
    sketch: bytes


@dataclass(frozen=True, slots=True)
class Around:
    """What was learned of all that stands above an article, or below it.

    ``ways`` say of each piece how it is known, a letter each, ``whole`` of all of it. ``claims``
    are the head's, and ``claiming`` says which of them each piece of that kind makes (first, end).
    ``link`` is that of a stretch. Bytes are written as Latin-1.
    """

    ways: str
    whole: str
    claims: tuple[str, ...]
    claiming: tuple[tuple[int, int], ...]
    link: str | None


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of a page around its article, in words that another process may send.

    ``plain`` says that the region may be known without plain tags, ``link`` is that of a glance.
    """

    above: Around
    below: Around
    plain: bool
    link: str | None


def learn(body: bytes, made: bytes) -> Learned | None:
    """What a glance needs to know of this page, of which a sketch was made, or None."""
    if not made or len(body) > _MOST_BYTES:
        return None
    start, end = place_of(made)
    before = Page()
    above = _learn(before, body[:start])
    within = Page(before.address)
    within.feed(body[start:end])
    after = Page(within.address)
    below = _learn(after, body[end:])
    too_many = len(above.ways) + len(below.ways) > _MOST_PIECES
    if before.is_hidden or within.is_hidden or too_many:
        return None
    return Learned(above, below, plain=not within.claims, link=_as_text(within.address))


def glance(body: bytes, made: bytes, learned: Learned | None) -> Glance | None:
    """What knows this page later in this process; None where nothing so cheap can."""
    if learned is None:
        return None
    start, end = place_of(made)
    first = _edge(body, max(0, start - 1), min(start + _EDGE, body.find(b"<", start) + 1))
    last = _edge(body, max(body.rfind(b">", 0, end) + 1, end - _EDGE), end + 1, start)
    if first is None or last is None:
        return None
    harmless: array[int] = array("q")
    claiming: dict[int, tuple[int, ...]] = {}
    paragraphs = body[start:end].split(_PARAGRAPH)
    return Glance(
        first=first,
        last=last,
        region=array("q", map(hash, paragraphs)),
        bare=array("q", map(_bare, paragraphs) if learned.plain else ()),
        link=_as_bytes(learned.link),
        above=_keep(body[:start], learned.above, harmless, claiming),
        below=_keep(body[end:], learned.below, harmless, claiming),
        chunks=Chunks(harmless, claiming),
        sketch=made,
    )


def _as_text(address: bytes | None) -> str | None:
    return None if address is None else address.decode("latin-1")


def _as_bytes(address: str | None) -> bytes | None:
    return None if address is None else address.encode("latin-1")


def seen_at_a_glance(known: Glance, body: bytes) -> bool:
    """Whether a page shows the article as it was, and nothing new that may matter."""
    if len(body) > _MOST_BYTES:
        return False
    start, end = _region(known, body)
    if end <= start or not _follows_a_tag(body, start):
        return False
    return _is_as_it_was(known, body[start:end]) and _is_nothing_new(
        known, body[:start], body[end:]
    )


def _is_as_it_was(known: Glance, region: bytes) -> bool:
    """Whether the article's region is as it was, but for tags that mean nothing."""
    paragraphs = region.split(_PARAGRAPH)
    hashes = array("q", map(hash, paragraphs))
    if hashes == known.region:
        return True
    if len(hashes) != len(known.bare):
        return False
    pairs = zip(hashes, known.region, known.bare, paragraphs, strict=True)
    return all(now == was or (bare and bare == _bare(one)) for now, was, bare, one in pairs)


def _is_nothing_new(known: Glance, above: bytes, below: bytes) -> bool:
    """Whether what stands around the region is harmless, as the sketch would see it."""
    before = _gone_through(Page(), above, known.above, known.chunks)
    if before is None or before.is_hidden or before.address != known.above.link:
        return False
    after = _gone_through(Page(known.link), below, known.below, known.chunks)
    if after is None:
        return False
    shown = [*before.shown, *after.shown]
    around = around_of(known.sketch) if shown else set()
    return not any(may_matter(piece, around) for piece in shown)


def _edge(body: bytes, start: int, end: int, since: int = 0) -> tuple[bytes, int] | None:
    """The bytes from ``start`` to ``end``, and how many such stand before; None if too many."""
    edge = body[start:end]
    times = body.count(edge, since, start)
    return (edge, times) if edge and times < _MOST_PLACES else None


def _find(body: bytes, edge: tuple[bytes, int], since: int = 0) -> int:
    """Where an edge stands after so many others, -1 where it does not."""
    at = since - len(edge[0])
    for _ in range(edge[1] + 1):
        at = body.find(edge[0], at + len(edge[0]))
        if at < 0:
            return -1
    return at


def _region(known: Glance, body: bytes) -> tuple[int, int]:
    """Where the region would begin and end; where it does not, the end is before the start."""
    first = _find(body, known.first) + 1
    last = _find(body, known.last, first) if first else -1
    return first, last + len(known.last[0]) - 1 if last >= 0 else -1


def _follows_a_tag(body: bytes, start: int) -> bool:
    """Whether a tag ends just before ``start``: no other text stands between."""
    opened = body.rfind(b"<", 0, start)
    return opened >= 0 and body.find(b">", opened) == start - 1


def _bare(paragraph: bytes) -> int:
    """A paragraph without the tags that mean nothing; 0 where one of them hints at a note."""
    shown = _CODE.sub(_MARK, paragraph)
    if hints(shown) and hints(b"".join(_PLAIN.findall(shown))):
        return 0
    return hash(_PLAIN.sub(_MARK, shown))


def _parts(folded: bytes) -> Iterator[tuple[bytes, _Piece]]:
    """The parts of a stretch with its digits folded, which end with a script.

    What comes after the last script is known by nothing (0).
    """
    end = 0
    for part in folded.split(_SCRIPT):
        start, end = end, end + len(part) + len(_SCRIPT)
        yield part, (~hash(part) if end <= len(folded) else 0, start, end)


def _chunks(part: bytes, whole: _Piece) -> Iterator[_Piece]:
    """The chunks of a part, each of which ends with a link, the last with the part itself."""
    known, since, until = whole
    end = since
    for chunk in part[: part.rfind(b"<")].split(_LINK)[:-1]:
        start, end = end, end + len(chunk) + len(_LINK)
        yield hash(chunk), start, end
    yield ~hash(part[end - since :]) if known else 0, end, until


def _pieces(stretch: bytes) -> Iterator[tuple[_Piece, int]]:
    """The chunks of a stretch, and after those of a part the part; with how many chunks it has."""
    for part, whole in _parts(stretch.translate(_FOLDED)):
        chunks = list(_chunks(part, whole))
        yield from ((chunk, 1) for chunk in chunks)
        if len(chunks) > 1:
            yield whole, len(chunks)


class _Mark(NamedTuple):
    """How far a page had come at some place: what it had shown and claimed, and whether open."""

    shown: int
    claims: int
    is_open: bool


def _learn(page: Page, stretch: bytes) -> Around:
    """Feed a stretch of a page that was read, and say how each piece of it is known.

    One that stands for itself begins and ends in no link.
    """
    marks = [_Mark(0, 0, page.is_open)]
    ways: list[str] = []
    claiming: list[tuple[int, int]] = []
    for (known, start, end), count in _pieces(stretch):
        if count == 1:
            page.feed(stretch[start:end])
            marks.append(_Mark(len(page.shown), len(page.claims), page.is_open))
        since, until = marks[-1 - count], marks[-1]
        for_itself = known and since.is_open and until.is_open
        ways.append(_way(page, since, until) if for_itself else _UNKNOWN)
        if ways[-1] == _CLAIMING:
            claiming.append((since.claims, until.claims))
    return Around(
        ways="".join(ways),
        # The address of a link that is open at the end counts, digits and all.
        whole=_EXACTLY if page.address else _way(page, marks[0], marks[-1]),
        claims=tuple(claim.decode("latin-1") for claim in page.claims),
        claiming=tuple(claiming),
        link=_as_text(page.address),
    )


def _way(page: Page, since: _Mark, until: _Mark) -> str:
    """How what stands between two marks is known.

    Where it claims something, or a digit in it could matter, it is known by its bytes alone.
    """
    if until.claims > since.claims:
        return _CLAIMING
    shown = page.shown[since.shown : until.shown]
    return _EXACTLY if any(map(minds_digits, shown)) else _LOOSELY


def _keep(
    stretch: bytes, learned: Around, harmless: array[int], claiming: dict[int, tuple[int, ...]]
) -> Stretch:
    """Keep what a stretch and its pieces are known by, each in its way."""
    claims = [hash(claim.encode("latin-1")) for claim in learned.claims]
    said = (tuple(claims[since:until]) for since, until in learned.claiming)
    for way, ((known, start, end), _) in zip(learned.ways, _pieces(stretch), strict=True):
        if way == _LOOSELY:
            harmless.append(known)
        elif way == _EXACTLY:
            harmless.append(hash(stretch[start:end]))
        elif way == _CLAIMING:
            claiming[hash(stretch[start:end])] = next(said)
    loosely = learned.whole == _LOOSELY
    whole = hash(stretch.translate(_FOLDED)) if loosely else ~hash(stretch)
    return Stretch(whole, hash(tuple(claims)), _as_bytes(learned.link))


def _gone_through(page: Page, stretch: bytes, known: Stretch, chunks: Chunks) -> Page | None:
    """The page after a stretch, of which it was fed what is not known.

    None where that is too much, or where the head claims something else.
    """
    folded = stretch.translate(_FOLDED)
    if known.whole in {~hash(stretch), hash(folded)}:
        return Page(known.link)
    near = Chunks(frozenset(chunks.harmless), chunks.claiming)
    claims: list[int] = []
    tags = 0
    for chunk in _unknown(page, stretch, folded, near, claims):
        tags += chunk.count(b"<")
        if tags > _MOST_NEW_TAGS:
            return None
        page.feed(chunk)
        claims += map(hash, page.claims)
        page.claims.clear()
    return page if hash(tuple(claims)) == known.claims else None


def _unknown(
    page: Page, stretch: bytes, folded: bytes, chunks: Chunks, claims: list[int]
) -> Iterator[bytes]:
    """The chunks to feed, each once those before were; gathers what the others claim."""
    for part, whole in _parts(folded):
        said = _said(page, stretch, whole, chunks)
        if said is not None:
            claims += said
            continue
        for piece in _chunks(part, whole):
            said = None if piece == whole else _said(page, stretch, piece, chunks)
            if said is None:
                yield stretch[piece[1] : piece[2]]
            else:
                claims += said


def _said(page: Page, stretch: bytes, piece: _Piece, chunks: Chunks) -> tuple[int, ...] | None:
    """What a piece claims that need not be fed, None where it must be."""
    known, start, end = piece
    is_open = page.is_open
    if is_open and known in chunks.harmless:
        return ()
    raw = stretch[start:end]
    if not is_open:
        return () if page.hides(raw) else None
    exactly = hash(raw)
    return () if exactly in chunks.harmless else chunks.claiming.get(exactly)
