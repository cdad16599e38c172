"""New work only while the disk can take what comes of it: else the crawl pauses and says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from store import disk

Job = TypeVar("Job")
log = logging.getLogger(__name__)


class Reserve:
    """Watches the disk under the archive while a crawl runs."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._pausing = False

    def kept(self, ask: Callable[[], Iterable[Job]]) -> Callable[[], Iterable[Job]]:
        """Return ``ask``, but for no work while the disk is full or read-only.

        What could not be recorded would be fetched again at once, for nothing. The crawl goes on
        by itself when there is room.
        """
        return lambda: () if self._pauses() else ask()

    def _pauses(self) -> bool:
        trouble = disk.trouble(self._archive)
        if trouble and not self._pausing:
            log.error("The crawl pauses: %s It goes on when that is mended.", trouble)
        elif self._pausing and not trouble:
            log.warning("The crawl goes on: the archive can be written to again.")
        self._pausing = trouble is not None
        return self._pausing
