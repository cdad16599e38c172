"""The crawl as one object: a thread with a loop, a reactor, a schedule and one spider.

Twisted's reactor starts once in the life of a process, so there is one crawl per process too.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner

from crawler.browser import found_browser
from crawler.connect import install_guard
from crawler.discovery import PollDue
from crawler.lanes import MOST_TIMES
from crawler.layout import load
from crawler.reading import Reader
from crawler.schedule import Job as Duty
from crawler.schedule import timetable, watch_clock
from crawler.settings import scrapy_settings
from crawler.spider import Desk, Job, NewsSpider
from store.config import CrawlConfig
from store.hosts import HostState, Remembered, RobotsFile
from store.model import Due, Snapshot
from store.polls import Poll

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
DELIVERY_SECONDS = 5.0
LEARNING_SECONDS = 6 * 3600.0
PRICE_SECONDS = 15 * 60.0
HUB_SECONDS = 10.0
TIDY_SECONDS = 24 * 3600.0
NAME_THREADS = 256
"""Most name look-ups at once. Twisted's own 10 were all held by ten silent name servers."""
STOP_GRACE_SECONDS = 2.0
"""How long downloads in flight may still end by themselves when the crawl is stopped."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What the crawl asks of the rest of the product, and tells it.

    ``seen``, ``polled`` and ``remember`` are called from one thread, one at a time, in the order in
    which things were seen; ``polled`` returns what to look at now because of the poll. The others
    run on threads of their own, each never beside itself. All may block; what they raise is logged.
    """

    seen: Callable[[Snapshot], object]
    polled: Callable[[Poll], Iterable[Job]]
    due_work: Callable[[], Iterable[Due]] | None = None
    due_polls: Callable[[], Iterable[PollDue]] | None = None
    deliver: Callable[[], object] | None = None
    remember: Callable[[HostState | RobotsFile], object] = lambda _: None
    learn: Callable[[], object] | None = None
    step_prices: Callable[[], object] | None = None
    subscribe: Callable[[], object] | None = None
    tidy: Callable[[], object] | None = None


class CrawlThread:
    """The crawl, running beside everything else in this process."""

    def __init__(
        self,
        config: CrawlConfig,
        reader: Reader,
        calls: Calls,
        now: Callable[[], datetime],
        remembered: Remembered = Remembered(),  # noqa: B008 - frozen, and empty
    ) -> None:
        """Prepare it; ``remembered`` is what earlier runs learned of the hosts."""
        self._config = config
        self._remembered = remembered
        self._reader = reader
        self._calls = calls
        self._now = now
        self._thread = threading.Thread(target=self._run, name="storylapse-crawl", daemon=True)
        self._started = threading.Event()
        self._stopping: asyncio.Event
        self._open: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._spider: NewsSpider
        self._trouble: BaseException | None = None

    def start(self) -> None:
        """Start the thread and return once the spider is open. Raises what kept it from opening."""
        self._thread.start()
        self._started.wait()
        if self._trouble is not None:
            raise self._trouble

    def submit(self, jobs: Iterable[Job]) -> None:
        """Queue ``jobs``; what is queued or under way already is not queued twice."""
        self._soon(partial(self._spider.submit, list(jobs)))

    def paused(self) -> dict[str, float]:
        """Return the hosts (``host`` or ``host:port``) left in peace, with seconds left of each.

        Work that is due there is best kept back until then.
        """
        return self._spider.paused()

    def finish(self) -> None:
        """Do what is queued, and what comes of it, then end. An interrupt stops at once."""
        self._soon(self._spider.no_more)
        try:
            while self._thread.is_alive():
                self._thread.join(0.2)
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self, timeout: float = 6.0) -> bool:
        """End within ``timeout`` seconds, whatever is under way; return whether it did.

        What was under way and is not yet recorded is fetched again by the next start.
        """
        if self._thread.is_alive():
            self._soon(self._stopping.set)
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def is_alive(self) -> bool:
        """Whether the crawl runs."""
        return self._thread.is_alive()

    @property
    def trouble(self) -> BaseException | None:
        """What ended the crawl, where it ended by itself in an error."""
        return self._trouble

    def _soon(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: there is nobody left to tell
            self._loop.call_soon_threadsafe(call)

    # -- inside the thread ---------------------------------------------------

    def _run(self) -> None:
        try:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
            reactor = _installed_reactor(self._loop)
            install_guard(reactor, self._config.allow_hosts)
            reactor.callWhenRunning(lambda: self._loop.create_task(self._live(reactor)))
            reactor.run(installSignalHandlers=False)
        except BaseException as error:
            self._trouble = error
            log.exception("The crawl ended in an error.")
        finally:
            self._loop.close()
            self._started.set()

    async def _live(self, reactor: Any) -> None:
        """Open the spider, keep the schedule until told to stop, close everything."""
        self._stopping = asyncio.Event()
        self._open = asyncio.Event()
        hands = _Hands(self._config.concurrent_requests * MOST_TIMES)
        try:
            await self._crawl(hands)
        except BaseException as error:
            self._trouble = error
            log.exception("The crawl ended in an error.")
        finally:
            hands.let_go()
            await _cancel_others()
            reactor.stop()

    async def _crawl(self, hands: _Hands) -> None:
        wanted = any(outlet.javascript for outlet in load(self._config.layouts).outlets())
        browser = await found_browser() if wanted else None
        runner = AsyncCrawlerRunner(scrapy_settings(self._config, browser))
        crawler = runner.create_crawler(NewsSpider)
        crawler.signals.connect(self._opened, signals.spider_opened)
        desk = Desk(
            reader=self._reader,
            seen=self._calls.seen,
            polled=self._calls.polled,
            remember=self._calls.remember,
            now=self._now,
            readers=hands.readers,
            thinkers=hands.thinkers,
            recorder=hands.recorder,
        )
        crawling = runner.crawl(
            crawler, config=self._config, desk=desk, remembered=self._remembered
        )
        await self._first(crawling, self._open.wait())
        if not crawling.done():
            await self._keep_time(crawling, hands)
        if crawling.done():
            crawling.result()
            return
        await self._first(self._loop.create_task(runner.stop()), asyncio.sleep(STOP_GRACE_SECONDS))
        self._spider.abandon()

    async def _keep_time(self, crawling: asyncio.Task[None], hands: _Hands) -> None:
        """Run the schedule until the crawl ends or is told to stop."""
        scheduler = timetable(self._duties(hands.clerks), self._loop)
        clock = self._loop.create_task(watch_clock(scheduler))
        scheduler.start()
        await self._first(crawling, self._stopping.wait())
        scheduler.shutdown(wait=False)
        clock.cancel()

    async def _first(self, task: asyncio.Task[None], other: Coroutine[Any, Any, object]) -> None:
        """Wait for ``task`` or ``other``, whichever ends first; the task goes on."""
        waiting = self._loop.create_task(other)
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    def _opened(self, spider: NewsSpider) -> None:
        self._spider = spider
        self._open.set()
        self._started.set()

    def _duties(self, clerks: Executor) -> tuple[Duty, ...]:
        calls = self._calls
        asked = (
            ("articles", HEARTBEAT_SECONDS, calls.due_work, True),
            ("sources", HEARTBEAT_SECONDS, calls.due_polls, True),
            ("alerts", DELIVERY_SECONDS, calls.deliver, False),
            ("learning", LEARNING_SECONDS, calls.learn, False),
            ("prices", PRICE_SECONDS, calls.step_prices, False),
            ("hubs", HUB_SECONDS, calls.subscribe, False),
            ("tidying", TIDY_SECONDS, calls.tidy, False),
        )
        return tuple(
            Duty(name, seconds, partial(self._do, clerks, call, brings_work=brings_work))
            for name, seconds, call, brings_work in asked
            if call is not None
        )

    async def _do(self, clerks: Executor, call: Callable[[], Any], *, brings_work: bool) -> None:
        answer = await self._loop.run_in_executor(clerks, call)
        if brings_work:
            self._spider.submit(answer)


class _Hands:
    """The threads that block so that the loop does not."""

    def __init__(self, requests: int) -> None:
        # Each answer may wait for its parser: one that waits long holds up no other.
        self.readers = ThreadPoolExecutor(requests, "storylapse-read")
        self.thinkers = ThreadPoolExecutor(2, "storylapse-think")
        self.recorder = ThreadPoolExecutor(1, "storylapse-record")
        self.clerks = ThreadPoolExecutor(6, "storylapse-clerk")

    def let_go(self) -> None:
        """Start nothing more. What is being recorded is recorded; the rest ends by itself."""
        self.readers.shutdown(wait=False, cancel_futures=True)
        self.thinkers.shutdown(wait=False, cancel_futures=True)
        self.clerks.shutdown(wait=False, cancel_futures=True)
        self.recorder.shutdown(wait=True, cancel_futures=True)


def _installed_reactor(loop: asyncio.AbstractEventLoop) -> Any:
    from twisted.internet import asyncioreactor  # noqa: PLC0415 - this very act installs it

    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor  # noqa: PLC0415

    # Name look-ups cannot be interrupted: as daemons they do not hold the process at its end, and
    # there are enough threads that those of silent name servers are not all of them.
    pool: Any = reactor.getThreadPool()
    pool.threadFactory = partial(threading.Thread, daemon=True)
    pool.adjustPoolsize(0, NAME_THREADS)
    return reactor


async def _cancel_others() -> None:
    """Cancel what is left, and what its end starts in turn."""
    for _ in range(20):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=0.1)
