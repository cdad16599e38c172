"""Whose page is read next: those that took long before stand behind those that did not.

Reading is the one thing that all hosts share: a page made to hang holds a parser for as long as it
is let, and eight hosts full of them held every other for two minutes.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

PATIENCE = 10.0
"""A page stands so many times its host's reading time behind one that arrives with it."""
UNKNOWN_SECONDS = 3.0
"""What a reading is taken to last for a host of which nothing was read yet; most take a tenth."""
LONG_SECONDS = 5.0
"""A reading earns its host a rest for what it takes longer; a parser starts within it."""
LONGEST_REST = 60.0
_MOST_HOSTS = 10_000


class Turns:
    """Lets ``places`` readings go on at once. Nobody waits for ever: places are by arrival."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = places
        self._starting = 2 * places  # readings that may wait for a parser to start
        self._clock = clock
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._arrived = 0
        self._last: dict[str, tuple[float, float]] = {}
        self._pending: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn to read something of ``host``; the turn lasts as long as the block."""
        rank = self._clock() + self._behind(host)
        self._pending[host] += 1
        try:
            await self._wait(rank)
            began = self._clock()
            try:
                yield
            finally:
                self._learn(host, self._clock() - began)
                self._free += 1
                self._call_next()
        finally:
            self._pending[host] -= 1
            self._pending += Counter()  # drops what is zero

    def rest(self, host: str) -> float:
        """Return the seconds for which ``host`` is best left alone, for what reading it costs."""
        waiting = self._pending[host]
        if waiting:
            return self._expected(host) * (1 + waiting)
        return min(PATIENCE * max(0.0, self._expected(host) - LONG_SECONDS), LONGEST_REST)

    def _behind(self, host: str) -> float:
        return PATIENCE * self._expected(host) * (1 + self._pending[host])

    def _expected(self, host: str) -> float:
        """The shorter of the last two readings: one may have waited for a parser to start."""
        return min(self._last.get(host, (UNKNOWN_SECONDS,)))

    def _learn(self, host: str, seconds: float) -> None:
        if self._starting:
            self._starting -= 1
            return
        if len(self._last) >= _MOST_HOSTS:
            self._last.clear()
        self._last[host] = (self._last.get(host, (0.0, UNKNOWN_SECONDS))[1], seconds)

    async def _wait(self, rank: float) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrived += 1
        heapq.heappush(self._waiting, (rank, self._arrived, mine))
        self._call_next()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # called in the moment of giving up
                self._free += 1
                self._call_next()
            raise

    def _call_next(self) -> None:
        while self._free and self._waiting:
            first = heapq.heappop(self._waiting)[2]
            if not first.done():
                self._free -= 1
                first.set_result(None)
