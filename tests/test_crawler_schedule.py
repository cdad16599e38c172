"""A few jobs on a loop: late ones run once, failing ones go on, a clock that jumps stops none."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from crawler.schedule import Job, timetable, watch_clock


def test_jobs_run_again_and_again_and_one_that_fails_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs: list[str] = []

    async def good() -> None:
        runs.append("good")

    async def bad() -> None:
        runs.append("bad")
        raise OSError("the disk is full")

    async def live() -> None:
        jobs = (Job("good", 0.05, good), Job("bad", 0.05, bad))
        scheduler = timetable(jobs, asyncio.get_running_loop())
        scheduler.start()
        while runs.count("good") < 3 or runs.count("bad") < 3:
            await asyncio.sleep(0.01)
        scheduler.shutdown(wait=False)

    with caplog.at_level(logging.ERROR):
        asyncio.run(asyncio.wait_for(live(), 30))
    assert "The job 'bad' failed" in caplog.text


def test_a_job_never_runs_beside_itself() -> None:
    at_once, most = 0, 0

    async def slow() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.1)
        at_once -= 1

    async def live() -> None:
        scheduler = timetable((Job("slow", 0.02, slow),), asyncio.get_running_loop())
        scheduler.start()
        await asyncio.sleep(0.5)
        scheduler.shutdown(wait=False)

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    asyncio.run(live())
    assert most == 1


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_makes_every_job_due_at_once(jump: float) -> None:
    async def nothing() -> None:
        pass

    async def live() -> tuple[datetime, datetime]:
        scheduler = timetable((Job("hourly", 3600, nothing),), asyncio.get_running_loop())
        scheduler.start(paused=True)
        job = scheduler.get_job("hourly")
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
        before = job.next_run_time
        offset = 0.0
        clock = asyncio.create_task(
            watch_clock(
                scheduler,
                wall=lambda: datetime.now(UTC).timestamp() + offset,
                steady=asyncio.get_running_loop().time,
                pause=0.01,
            )
        )
        await asyncio.sleep(0.05)
        assert job.next_run_time == before, "a clock that runs true changes nothing"
        offset = jump
        while job.next_run_time == before:
            await asyncio.sleep(0.01)
        clock.cancel()
        scheduler.shutdown(wait=False)
        return datetime.now(UTC) + timedelta(seconds=jump), job.next_run_time

    jumped_to, due_at = asyncio.run(asyncio.wait_for(live(), 30))
    assert abs((jumped_to - due_at).total_seconds()) < 5
