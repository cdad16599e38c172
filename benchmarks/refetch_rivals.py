"""The contenders of ``benchmarks.refetch_speed``, each a process that does rounds on command.

    python -m benchmarks.refetch_rivals bare|extracting|product

The first line on standard input is a JSON list of addresses; each further line asks for a round,
which fetches the first so many of them once. The answer is a JSON object: seconds, processor
seconds of this process and of its children, and how the looks ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import trafilatura
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from crawler.answers import SAME_ARTICLE, SAME_BYTES, Ending, of_status
from crawler.parsers import ParserPool
from crawler.run import Calls, CrawlThread
from crawler.work import Work
from store.address import host_of
from store.archive import open_archive
from store.config import CrawlConfig
from store.model import Recorded
from store.telling import Telling

CONCURRENT = 16
NOT_MODIFIED = cast("Ending", of_status(304))
_ENDINGS = {each.reason: each.detail for each in (SAME_ARTICLE, SAME_BYTES, NOT_MODIFIED)}
_TICKS = os.sysconf("SC_CLK_TCK")


def children_seconds() -> float:
    """Processor seconds that the children of this process have used, living and ended."""
    own = Path("/proc/self/task")
    found = [path.read_text().split() for path in own.glob("*/children")]
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = sum(_seconds_of(child) for children in found for child in children)
    return living + ended.ru_utime + ended.ru_stime


def _seconds_of(process: str) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Round:
    """What one round took."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._own, self._children = time.process_time(), children_seconds()
        self.endings: Counter[str] = Counter()

    def tell(self) -> None:
        """Say what it took, on standard output."""
        took = {
            "seconds": time.monotonic() - self._wall,
            "own": time.process_time() - self._own,
            "children": children_seconds() - self._children,
            "endings": self.endings,
        }
        print(json.dumps(took), flush=True)


class Bare(Spider):
    """Scrapy as it comes: every page is fetched, nothing is done with it."""

    name = "bare"

    def __init__(self, addresses: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._addresses = addresses
        self._left = 0
        self._over = asyncio.Event()

    async def start(self) -> AsyncIterator[Any]:
        """Do a round for each line on standard input."""
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            self._left = int(line)
            self._over.clear()
            self._round = Round()
            for address in self._addresses[: self._left]:
                yield Request(address, dont_filter=True)
            await self._over.wait()
            self._round.tell()

    def parse(self, response: Response) -> None:
        """Take one answer."""
        self.look(response)
        self._round.endings[str(response.status)] += 1
        self._left -= 1
        if not self._left:
            self._over.set()

    def look(self, response: Response) -> None:
        """Do nothing with the page."""


class Extracting(Bare):
    """Scrapy, and trafilatura on every page."""

    name = "extracting"

    def look(self, response: Response) -> None:
        """Extract the article's text."""
        if trafilatura.extract(response.body) is None:
            raise RuntimeError(f"Nothing was extracted from {response.url}.")


def scrape(spider: type[Bare], addresses: list[str]) -> None:
    """Run one of the spiders with Scrapy's own settings, and as many requests at once as ours."""
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": CONCURRENT,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(spider, addresses=addresses)
    process.start()


class _Clock:
    """Real time, moved ahead between rounds, so that everything is due again."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The time it is taken to be."""
        return datetime.now(UTC) + self._ahead

    def move(self) -> None:
        """Make it later by more than the longest gap at hosts of one's own."""
        self._ahead += timedelta(seconds=20)


class Product:
    """Schedule, spider, judge and archive, as ``storylapse up`` puts them together."""

    def __init__(self, addresses: list[str], folder: Path) -> None:
        self._clock = _Clock()
        now = self._clock.now
        archive = open_archive(folder / "measured.duckdb", create=True)
        archive.watch_articles(addresses, acted_at=now())
        hosts = sorted({host_of(address) for address in addresses})
        config = CrawlConfig(allow_hosts=tuple(hosts), concurrent_requests=CONCURRENT)
        self._done = threading.Event()
        self._left, self._round = 0, Round()
        self._pool = ParserPool(config.parser_workers)
        self._work = Work(archive, config, Telling(), now, self._told, reader=self._pool)
        calls = Calls(self._work.seen, self._work.polled, remember=archive.remember)
        self._crawl = CrawlThread(config, self._pool, calls, now, archive.remembered(now()))
        self._crawl.start()

    def look(self, count: int) -> None:
        """Do a round of ``count`` looks that the schedule asks for."""
        self._clock.move()
        self._done.clear()
        self._left, self._round = count, Round()
        self._crawl.submit(self._work.due()[:count])
        self._done.wait()
        self._round.tell()

    def close(self) -> None:
        """End the crawl."""
        self._crawl.stop()
        self._work.close()
        self._pool.close()

    def _told(self, result: Recorded) -> None:
        self._round.endings[_ENDINGS.get(result.reason, result.outcome.value)] += 1
        self._left -= 1
        if not self._left:
            self._done.set()


def serve(look: Callable[[int], object]) -> None:
    """Do a round for each line on standard input."""
    while line := sys.stdin.readline():
        look(int(line))


def main() -> None:
    """Be the contender named on the command line."""
    addresses: list[str] = json.loads(sys.stdin.readline())
    if sys.argv[1] != "product":
        scrape({"bare": Bare, "extracting": Extracting}[sys.argv[1]], addresses)
        return
    with tempfile.TemporaryDirectory() as folder:
        product = Product(addresses, Path(folder))
        try:
            serve(product.look)
        finally:
            product.close()


if __name__ == "__main__":
    main()
