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
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    waiting: deque[T] = field(default_factory=deque)
    busy: bool = False
    free_at: float = 0.0


class Lanes(Generic[T]):
    """Jobs waiting by host. ``gap_of`` gives the seconds between two requests to a host."""

    def __init__(self, gap_of: Callable[[str], float]) -> None:
        self._gap_of = gap_of
        self._lanes: dict[str, _Lane[T]] = {}
        self._ready: list[tuple[float, str]] = []  # heap of lanes that wait and are not busy
        self._pauses: dict[str, float] = {}
        self.busy = 0
        self.waiting = 0

    def put(self, host: str, job: T) -> None:
        """Add ``job`` at the end of its host's lane."""
        lane = self._lanes.setdefault(host, _Lane())
        lane.waiting.append(job)
        self.waiting += 1
        if len(lane.waiting) == 1 and not lane.busy:
            heapq.heappush(self._ready, (lane.free_at, host))

    def take(self, now: float) -> T | None:
        """Return the next job whose host may be asked at ``now``, or None."""
        while self._ready and self._ready[0][0] <= now:
            _, host = heapq.heappop(self._ready)
            lane = self._lanes.get(host)
            if lane is None or lane.busy or not lane.waiting:
                continue  # left over from a lane that was cleared or served meanwhile
            lane.busy = True
            self.busy += 1
            self.waiting -= 1
            return lane.waiting.popleft()
        return None

    def wait(self, now: float) -> float | None:
        """Return the seconds until ``take`` may give something, None where a job must end first."""
        return max(0.0, self._ready[0][0] - now) if self._ready else None

    def done(self, host: str, now: float) -> None:
        """A request to ``host`` ended at ``now``: its gap begins."""
        lane = self._lanes[host]
        lane.busy = False
        self.busy -= 1
        lane.free_at = now + self._gap_of(host)
        if lane.waiting:
            heapq.heappush(self._ready, (lane.free_at, host))

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
