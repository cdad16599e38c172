"""Scrapy's queue, as short as it can be: our lanes have said already what comes next.

Only the hops of redirects wait here at all. Scrapy's own sorts by priority and counts, which costs
every look.
"""

from __future__ import annotations

from collections import deque

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler


class InTurn(BaseScheduler):
    """Requests in memory, first in, first out, none sorted out."""

    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()

    def has_pending_requests(self) -> bool:
        """Whether a request waits."""
        return bool(self._waiting)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request."""
        self._waiting.append(request)
        return True

    def next_request(self) -> Request | None:
        """Return the request that has waited longest, None where none waits."""
        return self._waiting.popleft() if self._waiting else None
