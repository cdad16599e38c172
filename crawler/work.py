"""Between the crawl and the archive: due work out, what was seen in.

The two narrow seams of the product. Here they are queues in memory; a crawl that
outgrows one machine puts an existing engine in their place.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawler.agenda import Look
from crawler.guard import own_hosts
from crawler.plan import Plan
from crawler.reading import Reader
from crawler.rereading import Desk, bring_up
from crawler.sources import Sources
from store import schedule
from store.archive import Archive
from store.config import CrawlConfig
from store.errors import StorylapseError
from store.model import Due, Outcome, Recorded, Snapshot, Why
from store.polls import Poll
from store.telling import Telling

log = logging.getLogger(__name__)

# What is seen within this time is recorded in one transaction: a session on the archive costs
# some milliseconds however much it writes.
BATCH_SECONDS = 0.5
BATCH_SIZE = 200
MOST_WAITING = 200
"""Who sees more than is recorded waits: what was seen is held in memory with its pages."""
RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Pauses before what the archive refused is tried again: a disk gets full, and has room again.

Meanwhile nobody hands in more than MOST_WAITING, so the crawl waits too. After a minute what was
seen is given up, and later batches are tried once each until one is taken.
"""
AUDIT_EVERY = 10
"""Every so many looks, and at a deadline, the whole page is asked for: a 304 can be wrong.

At hosts of one's own most looks are deadlines, seconds apart: there it is every so many alone.
"""


class Work:
    """What is due, and what becomes of what was seen. ``told`` hears of every recorded snapshot."""

    def __init__(
        self,
        archive: Archive,
        config: CrawlConfig,
        telling: Telling,
        now: Callable[[], datetime],
        told: Callable[[Recorded], object],
        *,
        reader: Reader,
    ) -> None:
        self._archive = archive
        self._telling = telling
        self._now = now
        self._told = told
        self._desk = Desk(archive, reader, now)
        self._seen: queue.Queue[Snapshot | None] = queue.Queue(MOST_WAITING)
        self._own = own_hosts(config.allow_hosts)
        self._out: set[int] = set()  # articles handed out and not yet recorded
        self.sources = Sources(archive, config, now)
        self.plan = Plan(archive, config, now, self.sources.requests_a_day)
        self._closing = threading.Event()
        self._patient = True
        self._thread = threading.Thread(target=self._record, name="storylapse-record")
        self._thread.start()

    # -- due work out -------------------------------------------------------------------------

    def due(self, paused: Container[str] = ()) -> list[Due]:
        """Return the articles to look at now, most overdue first; none twice until recorded.

        Hosts in ``paused`` asked to be left in peace; what is due there is kept back.
        """
        looks = {look.article_id: look for look in self.plan.due(self._out, paused)}
        if not looks:
            return []
        with self._archive.reading() as connection:
            rows = {row["article_id"]: row for row in schedule.scheduled(connection, list(looks))}
        return [
            self._hand_out(rows[article], look)
            for article, look in looks.items()
            if article in rows
        ]

    def everything(self, only: Sequence[int] | None = None) -> list[Due]:
        """Return every watched article, or those named, whatever the schedule says."""
        with self._archive.reading() as connection:
            rows = schedule.scheduled(connection, only)
        return [self._hand_out(row, _asked_for(row)) for row in rows]

    def _hand_out(self, row: dict[str, Any], look: Look) -> Due:
        bounding = look.why is Why.DEADLINE and row["host"] not in self._own
        audit = bounding or row["checks"] % AUDIT_EVERY == AUDIT_EVERY - 1
        due = Due(
            row["article_id"],
            row["address"],
            look.why,
            etag=None if audit else row["etag"],
            last_modified=None if audit else row["last_modified"],
            body_digest=row["body_digest"],
            because=look.because,
            signal=look.signal,
            pages=row["pages"],
            second_page=row["second_page"],
        )
        self._out.add(due.article_id)
        return due

    # -- what was seen in ---------------------------------------------------------------------

    def seen(self, snapshot: Snapshot) -> None:
        """Take one snapshot, as soon as there is room; it is recorded within a second."""
        self._seen.put(snapshot)

    def polled(self, poll: Poll) -> list[Due]:
        """File a poll and return the articles it brought up."""
        fresh = self._archive.record_poll(poll)
        self.sources.heard(poll)
        self.plan.heed(poll)
        return self.everything(fresh) if fresh else []

    def close(self) -> None:
        """Record what is left, and end; what the archive refuses now is not tried for long."""
        self._closing.set()
        self._seen.put(None)
        self._thread.join()

    def _record(self) -> None:
        """Record in batches until closed; a batch that fails is fetched again later."""
        going = True
        while going:
            batch, going = self._batch()
            if batch:
                self._record_batch(batch)

    def _batch(self) -> tuple[list[Snapshot], bool]:
        first = self._seen.get()
        batch: list[Snapshot] = []
        item = first
        ends = time.monotonic() + BATCH_SECONDS  # a wall clock may be set back while we wait
        while item is not None:
            batch.append(item)
            left = ends - time.monotonic()
            if len(batch) >= BATCH_SIZE or left <= 0:
                return batch, True
            try:
                item = self._seen.get(timeout=left)
            except queue.Empty:
                return batch, True
        return batch, False

    def _record_batch(self, batch: list[Snapshot]) -> None:
        results = self._recorded(batch)
        for snapshot in batch:
            self._out.discard(snapshot.fetch.article_id)
        for result in results:
            self._told(result)

    def _recorded(self, batch: list[Snapshot]) -> list[Recorded]:
        """Record a batch; where our own code fails on one page, the others are recorded alone."""
        try:
            return self._recorded_in_time(batch)
        except StorylapseError as error:
            log.error("%s What was seen will be fetched again.", error)  # noqa: TRY400
            return [_lost(snapshot, str(error)) for snapshot in batch]
        except Exception:
            if len(batch) > 1:
                return [result for snapshot in batch for result in self._recorded([snapshot])]
            log.exception("Storylapse failed on %s", batch[0].fetch.final_address)
            return self._recorded_as_failure(batch[0])

    def _recorded_in_time(self, batch: list[Snapshot]) -> list[Recorded]:
        """Record a batch, if need be once the archive takes it. Raises what it refused it with."""
        for pause in RETRY_SECONDS if self._patient else ():
            try:
                return self._brought_up(batch)
            except StorylapseError as error:
                log.warning("%s It is tried again in %.0f seconds.", error, pause)
                if self._closing.wait(pause):
                    break
        self._patient = False
        results = self._brought_up(batch)
        self._patient = True
        return results

    def _brought_up(self, batch: list[Snapshot]) -> list[Recorded]:
        bring_up(self._desk, batch)
        return self._archive.record(batch, self._telling)

    def _recorded_as_failure(self, snapshot: Snapshot) -> list[Recorded]:
        """File a page that our own code fails on as a check that failed, its body kept."""
        reason = "Storylapse itself failed on this page; the log says more."
        fetch = replace(snapshot.fetch, outcome=Outcome.FAILED, detail="internal", reason=reason)
        failed = replace(snapshot, fetch=fetch, document=None)
        try:
            return self._archive.record([failed], self._telling)
        except Exception:
            log.exception("Nor could the failure be recorded")
            return [_lost(snapshot, reason)]


def _asked_for(row: dict[str, Any]) -> Look:
    """The look at an article that somebody asked for, or that a source just brought up."""
    if row["last_fetch_at"] is None:
        return Look(row["article_id"], row["host"], Why.FIRST, "It was never looked at before.")
    return Look(row["article_id"], row["host"], Why.MANUAL, "Somebody asked for it.")


def _lost(snapshot: Snapshot, reason: str) -> Recorded:
    return Recorded(snapshot.fetch.article_id, Outcome.FAILED, reason)
