"""The schedule: a few jobs on the crawl's own loop, never one per article.

What is due is decided elsewhere (``crawler.policy``, over rows of the archive); here stands only
how often somebody asks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

CLOCK_STEP_SECONDS = 60.0
"""A jump of the wall clock that is larger than this makes every job due now.

APScheduler reckons in wall time: a clock set back by a day stopped every job for a day.
"""
CLOCK_LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds."""

    name: str
    seconds: float
    call: Callable[[], Awaitable[None]]


def timetable(jobs: tuple[Job, ...], loop: asyncio.AbstractEventLoop) -> AsyncIOScheduler:
    """Return a scheduler on ``loop`` for ``jobs``, not yet started.

    A job that is late runs once, whatever it missed, and never beside itself.
    """
    scheduler = AsyncIOScheduler(
        event_loop=loop,
        timezone=UTC,
        jobstores={"default": MemoryJobStore()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        scheduler.add_job(
            _survive,
            "interval",
            args=[job],
            id=job.name,
            seconds=job.seconds,
            next_run_time=datetime.now(UTC),
        )
    return scheduler


async def watch_clock(
    scheduler: AsyncIOScheduler,
    wall: Callable[[], float] = time.time,
    steady: Callable[[], float] = time.monotonic,
    pause: float = CLOCK_LOOK_SECONDS,
) -> None:
    """Make every job due when the wall clock parts from the steady one. Runs until cancelled."""
    apart = wall() - steady()
    while True:
        await asyncio.sleep(pause)
        now_apart = wall() - steady()
        if abs(now_apart - apart) > CLOCK_STEP_SECONDS:
            log.warning("The clock jumped by %.0f seconds; all jobs run now.", now_apart - apart)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.fromtimestamp(wall(), UTC))
        apart = now_apart


async def _survive(job: Job) -> None:
    """Run a job; what it raises is logged and the next run comes as planned."""
    try:
        await job.call()
    except Exception:
        log.exception("The job %r failed; it runs again in %g seconds.", job.name, job.seconds)
