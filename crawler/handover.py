"""What was seen, to whoever records it: in order, and as many at a time as have gathered.

A hop to another thread and back costs as much as a tenth of a fetch, so it is taken once for
all that came in within a moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from store.model import Snapshot

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.02
"""How long what was seen waits for others to go with it."""


class Handover:
    """Hands snapshots to ``call``, which may block, on ``recorder``. Only for one loop."""

    def __init__(self, call: Callable[[Snapshot], object], recorder: Executor) -> None:
        self._call = call
        self._recorder = recorder
        self._waiting: list[tuple[Snapshot, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, seen: Snapshot) -> None:
        """Return once ``seen`` was handed over; what went wrong with it is logged."""
        over = asyncio.get_running_loop().create_future()
        self._waiting.append((seen, over))
        if self._task is None:
            self._task = asyncio.ensure_future(self._hand_over())
        await over

    async def _hand_over(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(GATHER_SECONDS)
                batch, self._waiting = self._waiting, []
                await asyncio.get_running_loop().run_in_executor(
                    self._recorder, self._call_all, [seen for seen, _ in batch]
                )
                for _, over in batch:
                    if not over.done():  # whoever waited may have been cancelled
                        over.set_result(None)
        finally:
            self._task = None

    def _call_all(self, batch: Sequence[Snapshot]) -> None:
        for seen in batch:
            try:
                self._call(seen)
            except Exception:
                log.exception("What was seen of %x could not be recorded", seen.fetch.article_id)
