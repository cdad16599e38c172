"""The one spider: due work in, one snapshot out for each, whatever the server does."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from crawler import answers, following, polling
from crawler.answers import Ending
from crawler.discovery import PollDue, offer_of, parts_of
from crawler.following import NextPage
from crawler.guard import own_hosts
from crawler.handover import Handover
from crawler.headers import header
from crawler.lanes import Lanes
from crawler.manners import Manners
from crawler.middlewares import of_error
from crawler.offers import Offer
from crawler.opening import DiscoveryError
from crawler.parsers import Unreadable
from crawler.places import Places
from crawler.reading import Reader, Reading
from crawler.responses import fetch_of, named, of_body, with_feeds
from crawler.robots import KEPT_FOR, OWN_KEPT_FOR, KnownRules, Rules, product_word, rules_of
from crawler.sketches import Known, Sketches
from store.address import AddressError, host_of
from store.config import CrawlConfig
from store.hosts import HostState, Remembered, RobotsFile
from store.model import Due, Fetch, Outcome, Snapshot, Why
from store.polls import Poll

log = logging.getLogger(__name__)

Job = Due | PollDue | NextPage

JITTER = 0.1
"""The gap between two requests to a host varies by this share, so that we beat no rhythm."""
REST_SECONDS = 60.0
"""How long a host is left alone when one of its pages could not be read in time."""
LONGEST_WAIT_SECONDS = 30.0
"""What is left of a host's gap from an earlier run; a longer one is not waited for but paused."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Whom the spider serves. ``seen``, ``polled`` and ``remember`` may block, on ``recorder``.

    ``reader`` blocks too, on ``readers``, and does its work in other processes; what little is
    worked out in this one, on ``thinkers``.
    """

    reader: Reader
    seen: Callable[[Snapshot], object]
    polled: Callable[[Poll], Iterable[Job]]
    remember: Callable[[HostState | RobotsFile], object]
    now: Callable[[], datetime]
    readers: Executor
    thinkers: Executor
    recorder: Executor


class NewsSpider(Spider):
    """Fetches what is submitted, host by host, until it is told that no more will come."""

    name = "storylapse"

    def __init__(
        self, config: CrawlConfig, desk: Desk, remembered: Remembered, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._word = product_word(config.user_agent)
        self.robots = KnownRules(self._word, remembered.robots)
        self.now = desk.now
        self._config = config
        self._own = own_hosts(config.allow_hosts)
        self._desk = desk
        self._manners = Manners(
            remembered.hosts, self._own, config.seconds_between_requests, self._remember
        )
        self._lanes: Lanes[Job] = Lanes(self._gap, config.concurrent_requests)
        self._sketches = Sketches()
        self._handover = Handover(desk.seen, desk.recorder)
        self._places = Places()
        self._under_way: set[tuple[str, int, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._last_call = False
        self._abandoned = False
        self._take_up()

    def _take_up(self) -> None:
        """Go on with the pauses and gaps that an earlier run left."""
        now, steady = self.now(), time.monotonic()
        for host, left in self._manners.left_of_pauses(now).items():
            self._lanes.pause(host, steady + left.total_seconds())
        for host, seconds in self._manners.left_of_gaps(now).items():
            wait = self._lanes.hold if seconds <= LONGEST_WAIT_SECONDS else self._lanes.pause
            wait(host, steady + seconds)

    # -- work in -----------------------------------------------------------

    def submit(self, jobs: Iterable[Job]) -> None:
        """Queue ``jobs``; one that is already queued or under way is not queued twice."""
        self._lanes.forget_idle(time.monotonic())
        for job in jobs:
            if _key(job) not in self._under_way:
                self._under_way.add(_key(job))
                self._queue(job)
        self._wake.set()

    def no_more(self) -> None:
        """Finish what is queued, then end."""
        self._last_call = True
        self._wake.set()

    def abandon(self) -> None:
        """Hand in nothing more: what is under way breaks off by our doing, not the server's."""
        self._abandoned = True

    def paused(self) -> dict[str, float]:
        """Return the hosts that asked for a pause, with the seconds left of each."""
        return self._lanes.paused(time.monotonic())

    def learn_delay(self, host: str, seconds: float) -> None:
        """Keep the Crawl-delay of ``host``; 0 means that it asks for none."""
        self._manners.learn_delay(host, seconds, self.now())

    def why_not(self, host: str) -> Ending | None:
        """Return why nothing may be asked of ``host`` now, where a redirect leads there."""
        if not self._lanes.is_paused(host, time.monotonic()):
            return None
        return _host_paused(self._manners.why_paused(host))

    def robots_answered(self, address: str, response: Response, now: datetime) -> Rules:
        """Say what an answered robots.txt means, and keep it beyond this run."""
        host = host_of(address)
        if header(response, "Retry-After"):
            self._mind_pause(response)
        kept_for = OWN_KEPT_FOR if host in self._own else KEPT_FOR
        rules = rules_of(response.status, response.body, self._word, now, kept_for)
        if rules.is_answer and host not in self._own:
            self._remember(RobotsFile(address, now, response.status, response.body))
        return rules

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests, each when its host's turn comes."""
        while not (self._last_call and not self._under_way):
            job = self._next()
            if job is None:
                await self._rest()
                continue
            request = self._request(job)
            if request is not None:
                yield request

    def _queue(self, job: Job, *, first: bool = False) -> None:
        try:
            host = host_of(job.address)
        except AddressError as error:
            self._hand_in_soon(job, Ending(Outcome.REFUSED, "address", str(error)))
            return
        if self._lanes.is_paused(host, time.monotonic()):
            self._hand_in_soon(job, _host_paused(self._manners.why_paused(host)))
        else:
            self._lanes.put(host, job, first=first)

    def _next(self) -> Job | None:
        return None if self._is_behind() else self._lanes.take(time.monotonic())

    def _is_behind(self) -> bool:
        being_handed_in = len(self._under_way) - self._lanes.waiting - self._lanes.busy
        return being_handed_in > 2 * self._config.concurrent_requests

    async def _rest(self) -> None:
        """Sleep until a lane is free, or something happens."""
        self._wake.clear()
        seconds = None if self._is_behind() else self._lanes.wait(time.monotonic())
        if seconds is None:
            await self._wake.wait()
            return
        timer = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    def _gap(self, host: str) -> float:
        jitter = random.uniform(1.0, 1.0 + 2 * JITTER)  # noqa: S311 - not for secrets
        return self._manners.gap(host) * jitter

    def _request(self, job: Job) -> Request | None:
        started_at = self.now()
        self._manners.asked(host_of(job.address), started_at)
        try:
            return Request(
                job.address,
                headers=_validators(job),
                callback=self.answered,
                errback=self.failed,
                cb_kwargs={"job": job, "started_at": started_at},
                meta=polling.allowance(job) if isinstance(job, PollDue) else None,
                dont_filter=True,
            )
        except Exception:  # what escapes here would end the crawl for everyone
            log.exception("No request could be made for %r", job.address)
            self._leave_lane(job, time.monotonic())
            self._hand_in_soon(job, _OUR_FAULT)
            return None

    # -- what was seen out --------------------------------------------------

    async def answered(self, response: Response, job: Job, started_at: datetime) -> None:
        """An answer came: look at it and hand in what it is.

        Until it was looked at, nothing more is asked of its host: what waits to be read is one
        page of each host.
        """
        self._mind_time(job, started_at)
        answered_at = time.monotonic()
        if response.status < answers.FIRST_OF_TROUBLE:
            self._manners.answered(host_of(response.url))
        else:
            self._mind_failure(response.url, f"http_{response.status}")
        self._mind_pause(response)
        try:
            if isinstance(job, PollDue):
                result: Snapshot | Poll | NextPage = await self._poll(response, job, started_at)
            elif isinstance(job, NextPage):
                result = await self._following(response, job, started_at)
            else:
                result = await self._snapshot(response, job, started_at)
        except Exception:
            log.exception("The answer of %s could not be looked at", job.address)
            result = self._without_answer(job, _OUR_FAULT, started_at)
        self._leave_lane(job, answered_at)
        further = self._further(job, result)
        if further is not None:  # the check goes on: its article stays under way
            self._queue(further, first=True)
            self._wake.set()
        elif not isinstance(result, NextPage):
            await self._hand_in(job, result)

    def _further(self, job: Job, result: Snapshot | Poll | NextPage) -> Job | None:
        """Return what is still to be asked before ``job`` is done, None where that is all."""
        if isinstance(result, NextPage):
            return result
        if isinstance(job, PollDue) or isinstance(result, Poll):
            return None
        return self._places.further(job.due if isinstance(job, NextPage) else job, result)

    async def failed(self, failure: Any) -> None:
        """No usable answer came: hand in why."""
        job: Job = failure.request.cb_kwargs["job"]
        started_at = failure.request.cb_kwargs["started_at"]
        self._mind_time(job, started_at)
        self._leave_lane(job, time.monotonic())
        ending = of_error(failure.value)
        self._mind_failure(failure.request.url, ending.detail)
        await self._hand_in(job, self._without_answer(job, ending, started_at))

    async def _snapshot(
        self, response: Response, due: Due, started_at: datetime
    ) -> Snapshot | NextPage:
        def ended(digest: str | None, ending: Ending) -> Fetch:
            return fetch_of(response, due, (started_at, self.now()), digest, ending)

        ending = (
            answers.of_status(response.status, asked_if_changed=bool(_validators(due)))
            or answers.of_redirect(due.address, response.url)
            or of_body(response)
        )
        if ending is not None:
            return Snapshot(ended(None, named(ending, response)))
        digest = hashlib.sha256(response.body).hexdigest()
        if digest == due.body_digest and due.why is not Why.CONFIRM:
            return Snapshot(ended(digest, answers.SAME_BYTES))
        known = self._sketches.of(due)
        if known.sees(response.body):
            self._sketches.recognised(due.article_id)
            return Snapshot(ended(digest, answers.SAME_ARTICLE))
        ending, read = await self._look(response, known.sketch)
        if ending is answers.SAME_ARTICLE:
            self._sketches.recognised(due.article_id)
            return Snapshot(ended(digest, ending))
        fetch = ended(digest, named(ending, response))
        if read is None:
            return Snapshot(fetch, response.body)
        first = Snapshot(fetch, response.body, read.document)
        return following.after_first(due, first, read.known) or self._keep(first, read.known)

    async def _following(
        self, response: Response, job: NextPage, started_at: datetime
    ) -> Snapshot | NextPage:
        document = None
        ending = answers.of_status(response.status) or following.of_redirect(job, response.url)
        ending = ending or of_body(response)
        if ending is None:
            ending, read = await self._look(response)
            document = read and read.document
        page = following.page_of(job, named(ending, response), started_at, self.now())
        page = following.with_answer(page, response)
        result: Snapshot | NextPage
        result = await _on(self._desk.thinkers, following.after, job, page, document)
        return result if isinstance(result, NextPage) else self._keep(result, job.known)

    def _keep(self, seen: Snapshot, known: Known) -> Snapshot:
        """Keep what knows an article later that was read from its first page alone."""
        if seen.document and seen.fetch.outcome is Outcome.READ and seen.fetch.pages == 1:
            self._sketches.keep(seen.fetch.article_id, known)
        return seen

    async def _look(self, response: Response, known: bytes = b"") -> tuple[Ending, Reading | None]:
        """Read a page, unless it holds the article of a sketch as it was."""
        label = header(response, "Content-Type") or ""
        page = (response.body, response.url, label)
        try:
            read = await _on(self._desk.readers, self._desk.reader.look, *page, known)
        except Unreadable as error:
            if error.detail == "too_slow":
                self._rest_reading(host_of(response.url))
            return Ending(Outcome.UNREADABLE, error.detail, error.reason), None
        if read is None:
            return answers.SAME_ARTICLE, None
        ending = answers.of_reading(read.document)
        if ending.detail == "listing":
            ending = await _on(self._desk.thinkers, with_feeds, ending, response)
        return ending, read

    def _rest_reading(self, host: str) -> None:
        """Ask nothing for a while of a host whose page hung; what waits goes on waiting."""
        if host not in self._own:
            self._lanes.hold(host, time.monotonic() + REST_SECONDS)

    async def _poll(self, response: Response, due: PollDue, started_at: datetime) -> Poll:
        ending = answers.of_status(response.status, asked_if_changed=bool(_validators(due)))
        offer = Offer()
        if ending is None:
            reading = (due.kind, response.body, response.url, due.pattern)
            try:
                offer = await _on(self._desk.thinkers, offer_of, *reading)
                self.submit(parts_of(due, offer))
                ending = polling.offered(due, offer)
            except DiscoveryError as error:
                ending = Ending(Outcome.UNREADABLE, error.detail, str(error))
        return polling.poll_of(due, response, offer, ending, (started_at, self.now()))

    def _without_answer(self, job: Job, ending: Ending, started_at: datetime) -> Snapshot | Poll:
        words = (ending.outcome, ending.detail, ending.reason)
        if isinstance(job, PollDue):
            return polling.without_answer(job, ending, (started_at, self.now()))
        if isinstance(job, NextPage):
            page = following.page_of(job, ending, started_at, self.now())
            return following.broken_off(job, page)
        fetch = Fetch(
            job.article_id,
            started_at,
            self.now(),
            job.why,
            *words,
            because=job.because,
            signal=job.signal,
        )
        return Snapshot(fetch)

    # -- between the two ----------------------------------------------------

    def _mind_time(self, job: Job, started_at: datetime) -> None:
        """Note how long a request took that has ended just now."""
        host = host_of(job.address)
        self._manners.lasted(host, (self.now() - started_at).total_seconds())
        self._manners.asked(host, self.now())

    def _leave_lane(self, job: Job, answered_at: float) -> None:
        """Let the host's next request go its gap after ``answered_at`` (steady seconds)."""
        self._lanes.done(host_of(job.address), answered_at)
        self._wake.set()

    def _mind_pause(self, response: Response) -> None:
        """Leave a host in peace that asked for it, and turn away what waits for it."""
        pause = answers.pause_of(response.status, header(response, "Retry-After"), self.now())
        if pause is None:
            return
        host = host_of(response.url)
        self._manners.pause(host, self.now() + pause, f"{host} asked to be left in peace")
        self._pause(host, pause)

    def _mind_failure(self, address: str, detail: str) -> None:
        """Leave a host alone that has not answered several times in a row."""
        try:
            host = host_of(address)
        except AddressError:  # where a redirect led to; nothing was asked there
            return
        pause = self._manners.failed(host, detail, self.now())
        if pause is not None:
            self._pause(host, pause)

    def _pause(self, host: str, pause: timedelta) -> None:
        """Turn away what waits for ``host``, now and until the pause is over."""
        why, until = self._manners.why_paused(host), self.now() + pause
        for waiting in self._lanes.pause(host, time.monotonic() + pause.total_seconds()):
            self._hand_in_soon(waiting, _host_paused(why, until))

    def _remember(self, found: HostState | RobotsFile) -> None:
        self._soon(self._kept(found))

    async def _kept(self, found: HostState | RobotsFile) -> None:
        """Have something about a host kept beyond this run."""
        try:
            await _on(self._desk.recorder, self._desk.remember, found)
        except Exception:
            log.exception("What was learned of a host could not be kept")

    def _hand_in_soon(self, job: Job, ending: Ending) -> None:
        self._soon(self._hand_in(job, self._without_answer(job, ending, self.now())))

    def _soon(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_in(self, job: Job, result: Snapshot | Poll) -> None:
        if self._abandoned:
            return
        found: Iterable[Job] = ()
        try:
            if isinstance(result, Poll):
                found = await _on(self._desk.recorder, self._desk.polled, result)
            else:
                await self._handover.put(self._places.settled(result))
        except Exception:
            log.exception("What was seen at %s could not be recorded", job.address)
        finally:
            self._under_way.discard(_key(job))
            self._wake.set()
            if found:
                self.submit(found)


async def _on(executor: Executor, call: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(executor, call, *args)


_OUR_FAULT = Ending(
    Outcome.FAILED, "internal", "Storylapse itself failed on this page; the log says more."
)


def _key(job: Job) -> tuple[str, int, str]:
    if isinstance(job, PollDue):
        return ("source", job.source_id, job.address)
    return ("article", job.article_id, "")


def _validators(job: Job) -> dict[str, str]:
    """Return the conditional headers; a second look at something odd asks for the whole page."""
    if isinstance(job, NextPage) or (isinstance(job, Due) and job.why is Why.CONFIRM):
        return {}
    pairs = {"If-None-Match": job.etag, "If-Modified-Since": job.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _host_paused(why: str, until: datetime | None = None) -> Ending:
    when = f" until {until:%H:%M} UTC" if until else " for a while"
    return Ending(
        Outcome.FAILED, "host_paused", f"Not fetched: {why}; no request goes there{when}."
    )
