"""One lane per host: whose turn it is, and when. Pure: the time is always an argument.

A host has one request under way at most, its requests keep a gap, and a host that asked for a
pause gets it; meanwhile every other lane moves. Scrapy's own slots would let one slow host fill
all the places of the downloader.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

T = TypeVar("T")


SLOW_SECONDS = 2.0
"""A request that is longer under way waits for its server, and leaves its place to another."""
MOST_TIMES = 4
"""So many times the places may be under way with slow requests: sockets and memory have an end."""
KEPT_SHARE = 4
"""One place in so many is kept for hosts whose last request was not slow."""
_MOST_QUICK = 10_000


@dataclass(slots=True)
class _Lane(Generic[T]):
    waiting: deque[T] = field(default_factory=deque)
    busy: bool = False
    queued: bool = False  # stands in a heap
    free_at: float = 0.0


class Lanes(Generic[T]):
    """Jobs waiting by host. ``gap_of`` gives the seconds between two requests to a host.

    ``places`` requests may be under way at once, slow ones apart: a server that lets us wait costs
    a socket, and thirty of them must not hold up the one that answers.
    """

    def __init__(self, gap_of: Callable[[str], float], places: int = 16) -> None:
        self._gap_of = gap_of
        self._places = places
        self._others = places - places // KEPT_SHARE
        self._lanes: dict[str, _Lane[T]] = {}
        self._quick: set[str] = set()  # hosts whose last request was not slow
        # Heaps of lanes that wait and are not busy: of hosts that were quick, and of the others.
        self._ready: dict[bool, list[tuple[float, str]]] = {True: [], False: []}
        self._under_way: dict[str, float] = {}  # since when, in that order
        self._pauses: dict[str, float] = {}
        self.waiting = 0

    @property
    def busy(self) -> int:
        """Requests under way, slow ones included."""
        return len(self._under_way)

    def put(self, host: str, job: T, *, first: bool = False) -> None:
        """Add ``job`` at the end of its host's lane, or at its head."""
        lane = self._lanes.setdefault(host, _Lane())
        if first:
            lane.waiting.appendleft(job)
        else:
            lane.waiting.append(job)
        self.waiting += 1
        self._line_up(host, lane)

    def take(self, now: float) -> T | None:
        """Return the next job whose host may be asked at ``now``, or None."""
        for ready_at, quick in sorted((self._head(quick), quick) for quick in (True, False)):
            if ready_at <= now and self._place_at(now, quick=quick) <= now:
                return self._begin(heapq.heappop(self._ready[quick])[1], now)
        return None

    def wait(self, now: float) -> float | None:
        """Return the seconds until ``take`` may give something, None where a job must end first."""
        moment = min(
            max(self._head(quick), self._place_at(now, quick=quick)) for quick in (True, False)
        )
        return None if moment == inf else max(0.0, moment - now)

    def done(self, host: str, now: float) -> None:
        """A request to ``host`` ended at ``now``: its gap begins."""
        lane = self._lanes[host]
        lane.busy = False
        if now - self._under_way.pop(host) < SLOW_SECONDS:
            self._quick.add(host)
        else:
            self._quick.discard(host)
        if len(self._quick) > _MOST_QUICK:
            self._quick.clear()
        lane.free_at = max(lane.free_at, now + self._gap_of(host))
        self._line_up(host, lane)

    def _line_up(self, host: str, lane: _Lane[T]) -> None:
        if lane.waiting and not lane.busy and not lane.queued:
            lane.queued = True
            heapq.heappush(self._ready[host in self._quick], (lane.free_at, host))

    def _head(self, quick: bool) -> float:  # noqa: FBT001 - which of the two heaps
        """Return when the first of a heap is ready, never where there is none."""
        heap = self._ready[quick]
        while heap:
            ready_at, host = heap[0]
            lane = self._lanes.get(host)
            if lane is not None and lane.waiting and lane.free_at <= ready_at:
                return ready_at
            heapq.heappop(heap)  # cleared, or held back meanwhile
            if lane is not None:
                lane.queued = False
                self._line_up(host, lane)
        return inf

    def _begin(self, host: str, now: float) -> T:
        lane = self._lanes[host]
        lane.queued, lane.busy = False, True
        self._under_way[host] = now
        self.waiting -= 1
        return lane.waiting.popleft()

    def _place_at(self, now: float, *, quick: bool) -> float:
        """Return from when there is a place for a host, never where a request must end first."""
        every = list(self._under_way.values())
        from_when = _place_at(every, self._places, now)
        if quick:
            return from_when
        others = [at for host, at in self._under_way.items() if host not in self._quick]
        return max(from_when, _place_at(others, self._others, now))

    def hold(self, host: str, until: float) -> None:
        """Let nothing go to ``host`` before ``until``; what waits for it goes on waiting."""
        lane = self._lanes.setdefault(host, _Lane())
        lane.free_at = max(lane.free_at, until)

    def pause(self, host: str, until: float) -> list[T]:
        """Ask nothing of ``host`` before ``until``; return the jobs that waited for it."""
        self._pauses[host] = max(until, self._pauses.get(host, 0.0))
        lane = self._lanes.get(host)
        if lane is None:
            return []
        turned_away = list(lane.waiting)
        lane.waiting.clear()
        self.waiting -= len(turned_away)
        return turned_away

    def paused(self, now: float) -> dict[str, float]:
        """Return the hosts that are not to be asked at ``now``, with the seconds left of each."""
        self._pauses = {host: until for host, until in self._pauses.items() if until > now}
        return {host: until - now for host, until in self._pauses.items()}

    def is_paused(self, host: str, now: float) -> bool:
        """Whether ``host`` is not to be asked at ``now``."""
        return self._pauses.get(host, 0.0) > now

    def forget_idle(self, now: float) -> None:
        """Drop the lanes that wait for nothing, so that a long crawl does not grow."""
        idle = [
            host
            for host, lane in self._lanes.items()
            if not lane.busy and not lane.waiting and lane.free_at <= now
        ]
        for host in idle:
            del self._lanes[host]


def _place_at(begun: list[float], places: int, now: float) -> float:
    """Return from when fewer than ``places`` of the requests begun then are not yet slow."""
    if len(begun) < places:
        return now
    return inf if len(begun) >= MOST_TIMES * places else begun[-places] + SLOW_SECONDS
