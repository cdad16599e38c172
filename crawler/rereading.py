"""Kept responses read again, by a newer revision of the reader: nothing is asked of any host.

Pages are hostile, so they are read where all pages are, in the parser children. A history is
read and judged article by article, each in one transaction: what was done before a stop is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from crawler import answers
from crawler.extract import EXTRACTOR, stamp_of
from crawler.following import joined
from crawler.layout import Layouts
from crawler.parsers import Unreadable
from crawler.reading import Reader
from store.archive import Archive
from store.model import Snapshot
from store.moved import Moved
from store.readings import Kept, ReadAgain

_ANY = ""  # no revision at all has this stamp: every kept response is read again


@dataclass(frozen=True, slots=True)
class Desk:
    """Where responses and readings are kept, who reads, and the clock."""

    archive: Archive
    reader: Reader
    now: Callable[[], datetime]
    layouts: Layouts | None = None


@dataclass(slots=True)
class Reread:
    """What came of reading one article again: responses read, and what moved."""

    article_id: int
    read: int = 0
    unreadable: int = 0
    moved: Moved = field(default_factory=Moved)


def unread(archive: Archive, layouts: Layouts | None = None) -> list[int]:
    """Return the articles that keep a response which this revision has not read."""
    rows = archive.query("SELECT DISTINCT host FROM article_list")
    stamps = {row["host"]: stamp_of(f"https://{row['host']}/", layouts) for row in rows}
    others = {host: stamp for host, stamp in stamps.items() if stamp != EXTRACTOR}
    return archive.read_by_another(EXTRACTOR, others)


def stale(archive: Archive, layouts: Layouts | None = None) -> list[int]:
    """Return the articles to read again, and those whose newer facts are in no finding yet."""
    return sorted({*unread(archive, layouts), *archive.unjudged()})


def reread(
    desk: Desk,
    articles: Sequence[int],
    *,
    everything: bool = False,
    workers: int = 1,
    dry_run: bool = False,
) -> Iterator[Reread]:
    """Read articles again and make their findings again, one after the other; tell nothing.

    What this revision has read is read again only with ``everything``. A response that cannot be
    read keeps the reading it has. With ``dry_run`` nothing is written.
    """
    with ThreadPoolExecutor(workers, "storylapse-reread") as threads:
        for start in range(0, len(articles), 2 * workers):
            some = articles[start : start + 2 * workers]
            pages = threads.map(lambda article: _looks(desk, article, everything=everything), some)
            for article, read in zip(some, pages, strict=True):
                fresh = [one for one in read if one is not None]
                moved = desk.archive.judge_again(article, fresh, dry_run=dry_run)
                yield Reread(article, len(fresh), len(read) - len(fresh), moved)


def catch_up(desk: Desk) -> None:
    """Judge the articles that got facts which are in no finding yet, all by one reading."""
    for _ in reread(desk, desk.archive.unjudged()):
        pass


def bring_up(desk: Desk, snapshots: Sequence[Snapshot]) -> None:
    """Let this reader read what these snapshots will be compared with, where another one did.

    An upgrade is no edit: a look may only be held against a page that the same reader has read.
    """
    needed = desk.archive.unread_states(snapshots)
    fresh = [one for kept in needed if (one := _read(desk, kept)) is not None]
    if fresh:
        desk.archive.keep_readings(fresh)


def _looks(desk: Desk, article: int, *, everything: bool) -> list[ReadAgain | None]:
    stamp = _ANY if everything else stamp_of(desk.archive.address(article), desk.layouts)
    return [_read(desk, kept) for kept in desk.archive.unread(article, stamp)]


def _read(desk: Desk, kept: Kept) -> ReadAgain | None:
    try:
        pages = [desk.reader.read(one.body, one.address, one.content_type) for one in kept.parts]
    except Unreadable:
        return None
    document = joined(pages)
    ending = answers.of_reading(document)
    return ReadAgain(
        fact_id=kept.fact_id,
        article_id=kept.article_id,
        read_at=desk.now(),
        outcome=ending.outcome,
        detail=ending.detail,
        reason=ending.reason,
        document=document,
    )
