"""One pass, for cron and for people in a hurry: ask the sources, look at the articles, end."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.deliver import Postman, channel_addresses
from crawler.discovery import PollDue
from crawler.parsers import ParserPool
from crawler.run import Calls, CrawlThread
from crawler.work import Work
from store import disk
from store.archive import Archive
from store.config import Config
from store.errors import ArchiveError
from store.model import Due, Outcome, Recorded
from store.polls import Poll
from store.rules import configured
from store.stories import stories_of
from store.telling import Telling

_ROUND_SECONDS = 1.0  # how soon a crawl that died is noticed


@dataclass(slots=True)
class PassSummary:
    """What one pass came to."""

    looks: Counter[Outcome] = field(default_factory=Counter)
    polls: Counter[Outcome] = field(default_factory=Counter)
    versions: int = 0
    changes: int = 0
    alerts: int = 0
    sent: int = 0

    def add(self, result: Recorded) -> None:
        """Count one recorded look."""
        self.looks[result.outcome] += 1
        self.versions += result.version is not None
        self.changes += result.changes
        self.alerts += result.alerts


def one_pass(
    archive: Archive,
    config: Config,
    now: Callable[[], datetime],
    *,
    link_base: str,
    everything: bool = False,
    addresses: Sequence[str] = (),
    progress: Callable[[Recorded, int, int], object] = lambda *_: None,
) -> PassSummary:
    """Look at what is due, or at everything, or at the named articles; record; deliver.

    ``progress`` hears of every recorded look, with how many are done and how many are known
    of. Raises StorylapseError for a wrong configuration or an unknown address, and where the disk
    could not take what would be fetched.
    """
    if trouble := disk.trouble(archive.path):
        raise ArchiveError(f"Nothing is fetched: {trouble} Mend that, and fetch again.")
    stories = stories_of(archive, config.stories)
    telling = configured(config, link_base, stories)
    channels = channel_addresses(config.alerts, os.environ)
    named = [archive.article_id(address) for address in addresses]
    with ParserPool(config.crawl.parser_workers, layouts=config.crawl.layouts) as pool:
        tour = _Tour(archive, config, telling, now, progress, pool=pool)
        summary = tour.run(everything=everything, named=named)
    with Postman(archive, channels, now, stories, telling.rules, holds=False) as postman:
        postman.tick()
        summary.sent = postman.finish()
    archive.leave_whole()
    return summary


class _Tour:
    """The looks of one pass: knows what is out."""

    def __init__(
        self,
        archive: Archive,
        config: Config,
        telling: Telling,
        now: Callable[[], datetime],
        progress: Callable[[Recorded, int, int], object],
        *,
        pool: ParserPool,
    ) -> None:
        self._archive = archive
        self._pool = pool
        self._config = config
        self._now = now
        self._progress = progress
        self._work = Work(archive, config.crawl, telling, now, self._told, reader=pool)
        self._summary = PassSummary()
        self._changed = threading.Condition()
        self._looks: set[int] = set()
        self._polls: set[int] = set()
        self._done = 0

    def run(self, *, everything: bool, named: Sequence[int]) -> PassSummary:
        calls = Calls(self._work.seen, self._polled, remember=self._archive.remember)
        remembered = self._archive.remembered(self._now())
        crawl = CrawlThread(self._config.crawl, self._pool, calls, self._now, remembered)
        crawl.start()
        try:
            polls = [] if named else self._work.sources.due(every=everything)
            all_of_them = everything or named
            dues = self._work.everything(named or None) if all_of_them else self._due()
            self._expect(dues)
            self._polls.update(poll.source_id for poll in polls)
            self._submit_until_done(crawl, [*polls, *dues])
            crawl.finish()
        finally:
            crawl.stop()
            self._work.close()
        return self._summary

    def _due(self) -> list[Due]:
        self._work.plan.learn()
        return self._work.due()

    def _submit_until_done(self, crawl: CrawlThread, jobs: Sequence[Due | PollDue]) -> None:
        """Submit, and wait until nothing is out any more."""
        crawl.submit(jobs)
        while crawl.is_alive():
            with self._changed:
                self._changed.wait(_ROUND_SECONDS)
                if not self._looks and not self._polls:
                    return

    def _expect(self, dues: Iterable[Due]) -> None:
        with self._changed:
            self._looks.update(due.article_id for due in dues)

    def _polled(self, poll: Poll) -> list[Due]:
        fresh = self._work.polled(poll)
        self._expect(fresh)
        with self._changed:
            self._summary.polls[poll.outcome] += 1
            self._polls.discard(poll.source_id)
            self._changed.notify()
        return fresh

    def _told(self, result: Recorded) -> None:
        with self._changed:
            self._summary.add(result)
            self._done += 1
            self._looks.discard(result.article_id)
            self._progress(result, self._done, self._done + len(self._looks))
            self._changed.notify()
