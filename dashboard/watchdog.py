"""Looks after the watching while ``up`` runs, and tells its owner what is wrong.

It has a thread of its own, apart from the crawl: what it is to notice may be that the crawl
stands still. Every look is rules over rows; ``store.troubles`` decides what is told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from dashboard.silence import silence
from store import disk
from store.archive import Archive
from store.errors import StorylapseError
from store.message import moment
from store.outbox import TRIES
from store.troubles import Trouble

LOOK_SECONDS = 60.0
STILL_SECONDS = 300.0
"""The schedule asks for work every two seconds: after five minutes without, it hangs."""
SOURCE_PATIENCE = timedelta(hours=3)
"""A server that is down comes back within hours, mostly; then nobody need be told."""
FILLS_BYTES = 5 * disk.RESERVE_BYTES
"""Told while there is time: the crawl pauses at a fifth of it."""

_SOURCES = "SELECT * FROM source_list WHERE watching AND NOT paused"
_PARKED = """SELECT channel, count(*) AS alerts, any_value(last_reason) AS reason
             FROM outbox_list WHERE NOT sent AND tries >= ? GROUP BY channel ORDER BY channel"""
_log = logging.getLogger(__name__)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is told, over which channels, and how links to the dashboard begin."""

    channels: tuple[str, ...]
    link_base: str


class Pulse:
    """When the schedule last asked for work, by a clock that nobody sets (seconds)."""

    def __init__(self, ticking: Callable[[], float]) -> None:
        self._ticking = ticking
        self._beat_at = ticking()

    def beat(self) -> None:
        """Note that the schedule lives."""
        self._beat_at = self._ticking()

    def still_seconds(self) -> float:
        """Return for how long it has not been heard of."""
        return self._ticking() - self._beat_at


class Watchdog:
    """Looks every minute, in a thread of its own. Use with ``with``.

    ``deliver`` starts a round of deliveries: the schedule that does so else may stand still.
    """

    def __init__(
        self,
        archive: Archive,
        owner: Owner,
        pulse: Pulse,
        now: Callable[[], datetime],
        deliver: Callable[[], object],
    ) -> None:
        self._archive = archive
        self._owner = owner
        self._pulse = pulse
        self._now = now
        self._deliver = deliver
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storylapse-watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(2 * LOOK_SECONDS)

    def look(self) -> int:
        """Look once; return how many troubles are told. Raises StorylapseError."""
        now = self._now()
        found = list(troubles(self._archive, self._pulse.still_seconds(), now))
        link = f"{self._owner.link_base}/watching"
        told = self._archive.note_troubles(found, self._owner.channels, link, now)
        if told:
            self._deliver()
        return told

    def _run(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            try:
                self.look()
            except StorylapseError as error:
                _log.error("The watchdog could not look: %s", error)
            except Exception:  # noqa: BLE001  (whatever it is, the next look may go well)
                _log.exception("The watchdog failed; it looks again in a minute.")


def troubles(archive: Archive, still_seconds: float, now: datetime) -> Iterator[Trouble]:
    """Yield what is wrong now: the schedule, the disk, sources and their pages, channels."""
    if still_seconds > STILL_SECONDS:
        yield Trouble(
            "schedule",
            "The schedule stopped: nothing has been looked at for "
            f"{still_seconds / 60:.0f} minutes.",
            "Stop 'storylapse up' and start it again; its log says what happened before.",
        )
    yield from _disk(archive)
    for row in archive.query(_SOURCES):
        yield from _source(row, now)
    for row in archive.query(_PARKED, [TRIES]):
        yield _parked(row)


def _disk(archive: Archive) -> Iterator[Trouble]:
    trouble = disk.trouble(archive.path)
    folder = archive.path.parent
    free = disk.free_bytes(folder)
    if trouble is not None:
        yield Trouble("disk", f"The crawl pauses: {trouble}", "Make room, or mend the disk.")
    elif free < FILLS_BYTES:
        yield Trouble(
            "disk",
            f"The disk fills: {free / 2**20:.0f} MiB are free under {folder}, and the crawl "
            f"pauses at {disk.RESERVE_BYTES / 2**20:.0f}.",
            "Make room, or set keep_responses_days so that old responses go.",
        )


def _source(row: Row, now: datetime) -> Iterator[Trouble]:
    found = silence(dict(row), now)
    if found is None:
        return
    why, said = found
    asked = f" It was last asked at {moment(row['last_poll_at'])}." if row["last_poll_at"] else ""
    yield Trouble(
        f"source {row['source']}",
        f"{row['address']} fell silent ({why.value.lower()}). {said}{asked}",
        "Open it in a browser; the page Watching of the dashboard says more, 'storylapse "
        "unwatch' lets it go.",
        SOURCE_PATIENCE,
    )


def _parked(row: Row) -> Trouble:
    return Trouble(
        f"channel {row['channel']}",
        f"The channel “{row['channel']}” takes no alerts: {row['alerts']} were given up after "
        f"{TRIES} tries each. {row['reason']}",
        "Mend its address ('storylapse alerts test'), then 'storylapse alerts retry'.",
        not_over=row["channel"],
    )
