"""What was seen is handed over in order, all of it, whatever one of it does."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from crawler.handover import Handover
from store.model import Fetch, Outcome, Snapshot, Why

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def seen(number: int) -> Snapshot:
    return Snapshot(Fetch(number, NOW, NOW, Why.DUE, Outcome.UNCHANGED, "http_304", "Same."))


def test_everything_is_handed_over_in_order_by_one_thread_at_a_time() -> None:
    got: list[int] = []
    threads: set[str] = set()

    def call(one: Snapshot) -> None:
        threads.add(threading.current_thread().name)
        got.append(one.fetch.article_id)

    async def hand_over(recorder: ThreadPoolExecutor) -> None:
        handover = Handover(call, recorder)
        await asyncio.gather(*(handover.put(seen(n)) for n in range(50)))
        await handover.put(seen(50))

    with ThreadPoolExecutor(1, "recorder") as recorder:
        asyncio.run(hand_over(recorder))
    assert got == list(range(51))
    assert threads == {"recorder_0"}


def test_one_that_fails_keeps_no_other_back() -> None:
    got: list[int] = []

    def call(one: Snapshot) -> None:
        if one.fetch.article_id == 1:
            raise RuntimeError("no")
        got.append(one.fetch.article_id)

    async def hand_over(recorder: ThreadPoolExecutor) -> None:
        handover = Handover(call, recorder)
        await asyncio.gather(*(handover.put(seen(n)) for n in range(3)))

    with ThreadPoolExecutor(1) as recorder:
        asyncio.run(hand_over(recorder))
    assert got == [0, 2]


def test_whoever_hands_in_waits_until_it_is_taken() -> None:
    free, taken = threading.Event(), threading.Event()

    def call(_: Snapshot) -> None:
        free.wait(10)
        taken.set()

    async def hand_over(recorder: ThreadPoolExecutor) -> None:
        waiting = asyncio.ensure_future(Handover(call, recorder).put(seen(1)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        free.set()
        await waiting
        assert taken.is_set()

    with ThreadPoolExecutor(1) as recorder:
        asyncio.run(hand_over(recorder))
