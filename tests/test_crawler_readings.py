"""Whose page is read next: by arrival, those that cost much behind those that do not."""

from __future__ import annotations

import asyncio

from crawler.readings import LONG_SECONDS, UNKNOWN_SECONDS, Turns


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def _warm(places: int = 1) -> tuple[Turns, Clock]:
    """Turns of which the parsers have started."""
    clock = Clock()
    turns = Turns(places, clock)
    for _ in range(2 * places):
        await _read(turns, clock, "warm", 60.0, [])
    return turns, clock


async def _read(turns: Turns, clock: Clock, host: str, seconds: float, order: list[str]) -> None:
    async with turns.turn(host):
        order.append(host)
        clock.now += seconds
        await asyncio.sleep(0)


def test_a_host_whose_pages_hang_stands_behind_one_whose_pages_do_not() -> None:
    async def play() -> list[str]:
        (turns, clock), order = await _warm(), list[str]()
        for _ in range(2):
            await _read(turns, clock, "hangs", 30.0, order)
            await _read(turns, clock, "quick", 0.1, order)
        waiting = [_read(turns, clock, host, 0.1, order) for host in ("first", "hangs", "quick")]
        order.clear()
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(play()) == ["first", "quick", "hangs"]


def test_nobody_waits_for_ever() -> None:
    async def play() -> list[str]:
        (turns, clock), order = await _warm(), list[str]()
        for _ in range(2):
            await _read(turns, clock, "hangs", 5.0, order)
            await _read(turns, clock, "quick", 1.0, order)
        order.clear()
        held = asyncio.ensure_future(_read(turns, clock, "quick", 1.0, order))
        await asyncio.sleep(0)
        late = asyncio.ensure_future(_read(turns, clock, "hangs", 5.0, order))
        await asyncio.sleep(0)
        clock.now += 60.0
        await asyncio.gather(held, late, _read(turns, clock, "quick", 1.0, order))
        return order

    assert asyncio.run(play()) == ["quick", "hangs", "quick"]


def test_only_a_second_long_reading_earns_a_rest_and_a_short_one_ends_it() -> None:
    async def play() -> list[float]:
        turns, clock = await _warm()
        rests = [turns.rest("a"), turns.rest("warm")]
        for seconds in (LONG_SECONDS + 2, LONG_SECONDS + 2, 0.1):
            await _read(turns, clock, "a", seconds, [])
            rests.append(turns.rest("a"))
        return rests

    assert asyncio.run(play()) == [0.0, 0.0, 0.0, 20.0, 0.0]


def test_a_host_rests_while_its_own_pages_wait_to_be_read() -> None:
    async def play() -> tuple[float, float]:
        turns = Turns(1, Clock())
        async with turns.turn("a"):
            return turns.rest("a"), turns.rest("b")

    assert asyncio.run(play()) == (2 * UNKNOWN_SECONDS, 0.0)


def test_a_turn_given_up_is_free_for_the_next() -> None:
    async def play() -> list[str]:
        clock, order = Clock(), list[str]()
        turns = Turns(1, clock)
        async with turns.turn("a"):
            gone = asyncio.ensure_future(_read(turns, clock, "b", 1.0, order))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
        await _read(turns, clock, "c", 1.0, order)
        return order

    assert asyncio.run(play()) == ["c"]
