"""A look of a fraction of a millisecond at a page that was read before. Pure.

A page is cut into the article's region and, around it, chunks that end with a link or a script:
there a page is mostly in no link, and shows what comes next. Of a page that was read we keep which
chunks cannot matter wherever they stand, as numbers, and the region as it was written. A later
page holds the same article where the region stands in it as it was, and what the other chunks show
and claim passes the same test that ``crawler.extract.sketch`` makes of a whole page. So whatever is
recognised here the sketch would recognise too; what is not, it may still.

Regions differ where tags carry numbers that are never the same; then tags that mean nothing to the
test are left out of both. Chunks are kept with their digits folded, unless a digit could matter.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.extract.shown import Page, hints
from crawler.extract.sketch import around_of, may_matter, minds_digits, place_of

_DIGITS = b"0123456789"
_FOLDED = bytes.maketrans(_DIGITS, b"0" * len(_DIGITS))
_LINK, _SCRIPT = b"</a>", b"</script>"
# What is cheap to see: real pages have some hundred chunks, of which few are new.
_MOST_BYTES = 4 * 2**20
_MOST_CHUNKS = 4_000
_MOST_NEW_TAGS = 600
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
# How a chunk is known: not at all, by its bytes with digits folded or as they are, by its claims.
_UNKNOWN, _LOOSELY, _EXACTLY, _CLAIMING = "-", "l", "e", "c"


@dataclass(frozen=True, slots=True)
class Chunks:
    """What the chunks around an article are known by: hashes of this process.

    ``claiming`` holds those of which the head says something, with the hashes of its claims.
    """

    harmless: array[int]
    claiming: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Glance:
    """What a page is known by at a glance, in this process alone.

    ``first`` and ``last`` are bytes by which the region is found, with how many such stand before;
    ``link`` and ``after`` are the addresses of the links that are open where it begins and ends.
    """

    first: tuple[bytes, int]
    last: tuple[bytes, int]
    link: bytes | None
    after: bytes | None
    region: int
    bare: int | None
    claims: int
    chunks: Chunks
    sketch: bytes


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of a page around its article, in words that another process may send.

    ``above`` and ``below`` say of each chunk there how it is known, a letter each. ``claims`` are
    the head's, and ``claiming`` says which of them each chunk of that kind makes (first, end).
    ``plain`` says that the region may be known without its plain tags; ``link`` and ``after`` are
    those of a glance. Bytes are written as Latin-1.
    """

    above: str
    below: str
    claims: tuple[str, ...]
    claiming: tuple[tuple[int, int], ...]
    plain: bool
    link: str | None
    after: str | None


def learn(body: bytes, made: bytes) -> Learned | None:
    """What a glance needs to know of this page, of which a sketch was made, or None."""
    if not made or len(body) > _MOST_BYTES:
        return None
    start, end = place_of(made)
    before = Page()
    above, first = _learn(before, body[:start], 0)
    within = Page(before.address)
    within.feed(body[start:end])
    after = Page(within.address)
    below, further = _learn(after, body[end:], len(before.claims))
    if before.is_hidden or within.is_hidden:
        return None
    return Learned(
        above=above,
        below=below,
        claims=tuple(claim.decode("latin-1") for claim in before.claims + after.claims),
        claiming=(*first, *further),
        plain=not within.claims,
        link=_as_text(before.address),
        after=_as_text(within.address),
    )


def glance(body: bytes, made: bytes, learned: Learned | None) -> Glance | None:
    """What knows this page later in this process; None where nothing so cheap can."""
    if learned is None:
        return None
    start, end = place_of(made)
    first = _edge(body, max(0, start - 1), min(start + _EDGE, body.find(b"<", start) + 1))
    last = _edge(body, max(body.rfind(b">", 0, end) + 1, end - _EDGE), end + 1, start)
    if first is None or last is None:
        return None
    claims = [hash(claim.encode("latin-1")) for claim in learned.claims]
    claiming = (tuple(claims[since:until]) for since, until in learned.claiming)
    chunks = Chunks(array("q"), {})
    _keep(body[:start], learned.above, chunks, claiming)
    _keep(body[end:], learned.below, chunks, claiming)
    return Glance(
        first=first,
        last=last,
        link=_as_bytes(learned.link),
        after=_as_bytes(learned.after),
        region=hash(body[start:end]),
        bare=_bare(body[start:end]) if learned.plain else None,
        claims=hash(tuple(claims)),
        chunks=chunks,
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
    region = body[start:end]
    if hash(region) != known.region and (known.bare is None or _bare(region) != known.bare):
        return False
    return _is_nothing_new(known, body[:start], body[end:])


def _is_nothing_new(known: Glance, above: bytes, below: bytes) -> bool:
    """Whether what stands around the region is harmless, as the sketch would see it."""
    claims: list[int] = []
    before, after = Page(), Page(known.after)
    if not _goes_through(before, above, known.chunks, claims):
        return False
    if before.is_hidden or before.address != known.link:
        return False
    if not _goes_through(after, below, known.chunks, claims) or hash(tuple(claims)) != known.claims:
        return False
    around = around_of(known.sketch)
    return not any(may_matter(piece, around) for piece in (*before.shown, *after.shown))


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


def _bare(region: bytes) -> int | None:
    """A region without the tags that mean nothing; None where one of them hints at a note."""
    shown = _CODE.sub(_MARK, region)
    if hints(shown) and hints(b"".join(_PLAIN.findall(shown))):
        return None
    return hash(_PLAIN.sub(_MARK, shown))


def _chunks(stretch: bytes) -> Iterator[tuple[int, int, int]]:
    """The chunks of a stretch: what each is known by, and where it begins and ends.

    What comes after the last link or script is known by nothing (0).
    """
    end = 0
    parts = [part.split(_LINK) for part in stretch.translate(_FOLDED).split(_SCRIPT)]
    for *links, last in parts:
        for chunk in links:
            start, end = end, end + len(chunk) + len(_LINK)
            yield hash(chunk), start, end
        start, end = end, end + len(last) + len(_SCRIPT)
        yield ~hash(last) if end <= len(stretch) else 0, start, end


def _learn(page: Page, stretch: bytes, claimed: int) -> tuple[str, list[tuple[int, int]]]:
    """Feed a stretch of a page that was read, and say how each chunk of it is known.

    One that stands for itself begins and ends in no link. Where it claims something, or a digit in
    it could matter, it is known by its bytes alone. ``claimed`` is how many claims stand before.
    """
    ways: list[str] = []
    claiming: list[tuple[int, int]] = []
    for known, start, end in _chunks(stretch):
        shown, claims, was_open = len(page.shown), len(page.claims), page.is_open
        page.feed(stretch[start:end])
        if not (known and was_open and page.is_open):
            ways.append(_UNKNOWN)
        elif len(page.claims) > claims:
            ways.append(_CLAIMING)
            claiming.append((claimed + claims, claimed + len(page.claims)))
        else:
            ways.append(_EXACTLY if any(map(minds_digits, page.shown[shown:])) else _LOOSELY)
    return "".join(ways), claiming


def _keep(stretch: bytes, ways: str, chunks: Chunks, claiming: Iterator[tuple[int, ...]]) -> None:
    """Keep what the chunks of a stretch are known by, each in its way."""
    for way, (known, start, end) in zip(ways, _chunks(stretch), strict=True):
        if way == _LOOSELY:
            chunks.harmless.append(known)
        elif way == _EXACTLY:
            chunks.harmless.append(hash(stretch[start:end]))
        elif way == _CLAIMING:
            chunks.claiming[hash(stretch[start:end])] = next(claiming)


def _goes_through(page: Page, stretch: bytes, chunks: Chunks, claims: list[int]) -> bool:
    """Feed what is not known, and gather what the head claims; False where it is too much."""
    harmless, tags = set(chunks.harmless), 0
    for number, (known, start, end) in enumerate(_chunks(stretch)):
        if known in harmless and page.is_open:
            continue
        chunk = stretch[start:end]
        said = _said(page, chunk, harmless, chunks.claiming)
        if said is None:
            tags += chunk.count(b"<")
            if tags > _MOST_NEW_TAGS or number > _MOST_CHUNKS:
                return False
            page.feed(chunk)
            said = tuple(map(hash, page.claims))
            page.claims.clear()
        claims += said
    return True


def _said(
    page: Page, chunk: bytes, harmless: set[int], claiming: dict[int, tuple[int, ...]]
) -> tuple[int, ...] | None:
    """What a chunk claims that need not be fed, None where it must be."""
    if page.hides(chunk):
        return ()
    known = hash(chunk) if page.is_open else 0
    return () if known in harmless else claiming.get(known)
