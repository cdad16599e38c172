"""Memory over a simulated month: a million looks, most of which find nothing new.

    python -m benchmarks.memory [--looks 1000000] [--articles 20000] [--http ROUNDS]

Schedule, policy, lanes, sketches, judge and archive are the product's own, behind a clock that
runs fast; the answers are invented here, since as many over HTTP would take half a day. With
``--http`` the same is done over real HTTP instead, so many rounds of 300 pages by the whole crawl.
Prints what the process holds as it goes, and what looks leave behind, in the run's second half.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import tempfile
import threading
import urllib.request
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.refetch_origin import Stage
from benchmarks.refetch_rivals import NOT_MODIFIED, Product
from benchmarks.refetch_speed import addresses_at, origin
from crawler.answers import READ, SAME_ARTICLE, SAME_BYTES, Ending
from crawler.extract.glance import Chunks, Glance, Stretch
from crawler.lanes import Lanes
from crawler.parsers import ParserPool
from crawler.sketches import UNKNOWN, Known, Sketches
from crawler.work import Work
from store.archive import open_archive
from store.config import CrawlConfig
from store.model import Block, BlockKind, Document, Due, Fetch, Recorded, Snapshot
from store.telling import Telling

MONTH = timedelta(days=30)
HOSTS = 200
_START = datetime(2026, 3, 1, tzinfo=UTC)
_STEP = timedelta(hours=1)
_CHANGED_EVERY = 200
"""A look finds a change about once in so many: a month of a front page's stories."""
_PAGES = 300
_READINGS = 40
_SKETCH_BYTES = 1_000
_CHUNKS, _PARAGRAPHS, _EDGE_BYTES = 150, 30, 100
"""Sketch and chunks of the median page of the field study's refetched pairs."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the process held after so many looks: bytes, and objects that Python minds."""

    looks: int
    resident: int
    objects: int


def reading(looks: int) -> Reading:
    """Read what this process holds now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return Reading(looks, pages * os.sysconf("SC_PAGE_SIZE"), len(gc.get_objects()))


def left_behind(readings: list[Reading]) -> tuple[float, float]:
    """MiB and objects that a look leaves behind, by straight lines through the second half."""
    half = readings[len(readings) // 2 :]
    looks = [each.looks for each in half]
    resident = np.polyfit(looks, [each.resident / 2**20 for each in half], 1)[0]
    objects = np.polyfit(looks, [each.objects for each in half], 1)[0]
    return float(resident), float(objects)


class Month:
    """The crawl without a network: what is due is answered here, and recorded."""

    def __init__(self, folder: Path, articles: int, looks_a_day: float) -> None:
        self._now = _START
        archive = open_archive(folder / "month.duckdb", create=True)
        addresses = [f"https://outlet{n % HOSTS}.example/story/{n}" for n in range(articles)]
        archive.watch_articles(addresses, acted_at=_START)
        budget = max(10, round(looks_a_day / min(HOSTS, articles)))
        config = CrawlConfig(requests_per_day=budget)
        self._recorded = threading.Semaphore(0)
        self._pool = ParserPool(1)  # nothing is read, so no process is started
        self._work = Work(archive, config, Telling(), self._clock, self._told, reader=self._pool)
        self._lanes: Lanes[Due] = Lanes(lambda _: 0.0)
        self._sketches = Sketches()
        self.looks = 0

    def go_on(self) -> None:
        """Do what is due, learn now and then, and make it an hour later."""
        dues = self._work.due()
        for due in dues:
            self._lanes.put(_host(due), due)
        while (taken := self._lanes.take(0.0)) is not None:
            self._work.seen(self._answer(taken))
            self._lanes.done(_host(taken), 0.0)
        for _ in dues:
            self._recorded.acquire()
        self._lanes.forget_idle(1.0)
        self.looks += len(dues)
        self._now += _STEP
        if self._now.hour % 6 == 0:
            self._work.plan.learn()
        self._work.plan.step_prices()

    @property
    def is_over(self) -> bool:
        """Whether the month has passed."""
        return self._now >= _START + MONTH

    def close(self) -> None:
        """Record what is left, and end."""
        self._work.close()
        self._pool.close()

    def _clock(self) -> datetime:
        return self._now

    def _told(self, _: Recorded) -> None:
        self._recorded.release()

    def _answer(self, due: Due) -> Snapshot:
        """What the look at an article found; one in 200 finds another text."""
        kind = (due.article_id + int(self._now.timestamp())) // 600 % _CHANGED_EVERY
        if due.body_digest is None or kind == 0:
            return self._page(due)
        if self._sketches.of(due) is not UNKNOWN and kind % 4 == 1:
            self._sketches.recognised(due.article_id)
            return Snapshot(self._fetch(due, SAME_ARTICLE))
        return Snapshot(self._fetch(due, NOT_MODIFIED if kind % 2 else SAME_BYTES))

    def _page(self, due: Due) -> Snapshot:
        text = [f"At {self._now:%d %H:%M} there were {n} of {due.article_id}." for n in range(12)]
        blocks = tuple(Block(BlockKind.PARAGRAPH, one) for one in text)
        body = "\n".join(text).encode() * 20
        digest = hashlib.sha256(body).hexdigest()
        self._sketches.keep(due.article_id, _known(digest))
        document = Document(due.address, f"Story {due.article_id}", blocks, extractor="month")
        return Snapshot(self._fetch(due, READ, digest), body, document)

    def _fetch(self, due: Due, ending: Ending, digest: str | None = None) -> Fetch:
        return Fetch(
            due.article_id,
            self._now,
            self._now,
            due.why,
            ending.outcome,
            ending.detail,
            ending.reason,
            status=200,
            etag='"validator"',
            body_digest=digest,
        )


def _known(digest: str) -> Known:
    """What a page is known by, as large as that of a real one."""
    made = digest.encode() * (_SKETCH_BYTES // 64)
    chunks = Chunks(array("q", range(_CHUNKS)), {1: tuple(range(10**9, 10**9 + 10))})
    edge = (made[:_EDGE_BYTES], 0)
    stretch = Stretch(1, 1, None)
    paragraphs = array("q", range(_PARAGRAPHS))
    glance = Glance(edge, edge, paragraphs, paragraphs[:], None, stretch, stretch, chunks, made)
    return Known(made, glance)


def _host(due: Due) -> str:
    return due.address.split("/")[2]


def simulated(folder: Path, looks: int, articles: int) -> Iterator[Reading]:
    """A month of so many looks; yields what is held, about forty times."""
    month = Month(folder, articles, looks / MONTH.days)
    try:
        yield reading(0)
        told = 0
        while month.looks < looks and not month.is_over:
            month.go_on()
            if month.looks - told >= looks / _READINGS:
                told = month.looks
                yield reading(told)
    finally:
        month.close()


def fetched(folder: Path, rounds: int) -> Iterator[Reading]:
    """So many rounds of 300 pages over real HTTP; yields what is held after each."""
    with origin(_PAGES) as port, _product(addresses_at(port, _PAGES), folder) as product:
        product.look(_PAGES)
        stages = (Stage.SAME_BYTES, Stage.VALIDATED, Stage.FURNITURE)
        for number in range(rounds):
            stage = stages[number % len(stages)]
            urllib.request.urlopen(f"http://127.0.0.2:{port}/~stage/{stage}").close()
            product.look(_PAGES)
            yield reading((number + 2) * _PAGES)


@contextmanager
def _product(addresses: list[str], folder: Path) -> Iterator[Product]:
    product = Product(addresses, folder)
    try:
        yield product
    finally:
        product.close()


def main() -> None:
    """Print the readings and the slope."""
    parser = argparse.ArgumentParser(prog="benchmarks.memory")
    parser.add_argument("--looks", type=int, default=1_000_000)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--http", type=int, metavar="ROUNDS", help="over real HTTP instead")
    asked = parser.parse_args()
    console, readings = Console(), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = (
            fetched(folder, asked.http)
            if asked.http
            else simulated(folder, asked.looks, asked.articles)
        )
        for one in run:
            readings.append(one)
            held = f"{one.resident / 2**20:8.1f} MiB {one.objects:10,} objects"
            console.print(f"{one.looks:10,} looks {held}")
    resident, objects = left_behind(readings)
    console.print(
        f"Left behind: {resident * 1e5:+.2f} MiB in 100,000 looks, {objects:+.3f} objects a look"
    )


if __name__ == "__main__":
    main()
