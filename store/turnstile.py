"""The turnstile before the archive: who may be inside, over threads and processes.

Three ``flock`` files beside the archive. A writer holds ``turn`` and ``room``; a reader lets go of
``turn``, so that a waiting writer keeps new readers out. Who waits holds ``bell``, and who was
inside just now gives way to it. The kernel frees them when a process dies, ``kill -9`` included.
"""

from __future__ import annotations

import errno
import fcntl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from store.errors import ArchiveBusy, ArchiveError

# A folder or a medium that may be read and not written to.
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_POLL_SECONDS = (0.001, 0.02)  # first and longest pause while waiting at the turnstile


class Turnstile:
    """The way to one archive file, for any thread; ``wait_seconds`` bounds every wait."""

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._left = threading.local()  # when this thread was inside last

    @contextmanager
    def together(self) -> Iterator[None]:
        """Be inside with other readers. Raises ArchiveBusy."""
        with self._inside(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be inside with nobody else. Raises ArchiveBusy."""
        with self._inside(fcntl.LOCK_EX):
            yield

    @contextmanager
    def role(self, name: str) -> Iterator[None]:
        """Hold a role of which an archive has one holder at a time, such as "up".

        Raises ArchiveBusy at once when another process holds it.
        """
        with self._lock_file(name) as file:
            if not _locked(file, fcntl.LOCK_EX):
                raise ArchiveBusy(
                    f"Another 'storylapse {name}' runs on {self._path}. Use that one, or stop it "
                    "first; every other command works beside it."
                )
            yield

    @contextmanager
    def _inside(self, mode: int) -> Iterator[None]:
        deadline = time.monotonic() + self._wait_seconds
        opened = self._lock_file if mode == fcntl.LOCK_EX else self._to_look
        with opened("bell") as bell, opened("turn") as turn, opened("room") as room:
            self._after_you(bell)
            for lock in (turn, room):
                self._lock(lock, mode, bell, deadline)
            if mode == fcntl.LOCK_SH:
                fcntl.flock(turn, fcntl.LOCK_UN)
            yield  # closing the files frees the locks
        self._left.at = time.monotonic()

    def _after_you(self, bell: IO[bytes]) -> None:
        """Let those in who wait, where this thread was inside just now.

        Who waits asks every few milliseconds; a thread that writes without a pause would be back
        before each of them, for ever (measured: a reader gave up after 30 s).
        """
        if time.monotonic() - getattr(self._left, "at", 0.0) < _POLL_SECONDS[1]:
            if _locked(bell, fcntl.LOCK_EX):
                fcntl.flock(bell, fcntl.LOCK_UN)
            else:  # somebody holds it while waiting
                time.sleep(2 * _POLL_SECONDS[1])

    def _lock(self, file: IO[bytes], mode: int, bell: IO[bytes], deadline: float) -> None:
        pause, longest = _POLL_SECONDS
        while not _locked(file, mode):
            if time.monotonic() > deadline:
                raise ArchiveBusy(
                    f"{self._path} has been in use by another process for "
                    f"{self._wait_seconds:g} s. Try again, or look for a storylapse that hangs."
                )
            _locked(bell, fcntl.LOCK_SH)
            time.sleep(pause)
            pause = min(pause * 1.5, longest)
        fcntl.flock(bell, fcntl.LOCK_UN)

    def _to_look(self, name: str) -> IO[bytes]:
        """Open a lock file for one who only reads, maybe on a medium that only can be read.

        Where the file is not there and cannot be made, nobody is at work who could be met: a
        file of its own stands for it. DuckDB's own lock still keeps out of a writer's way.
        """
        place = self._place(name)
        try:
            return place.open("ab")
        except OSError as error:
            if error.errno not in _READ_ONLY:
                raise self._closed(place, error) from error
        try:
            return place.open("rb")
        except FileNotFoundError:
            return tempfile.TemporaryFile()
        except OSError as error:
            raise self._closed(place, error) from error

    def _place(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{name}")

    def _lock_file(self, name: str) -> IO[bytes]:
        place = self._place(name)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            return place.open("ab")
        except OSError as error:
            raise self._closed(place, error) from error

    def _closed(self, place: Path, error: OSError) -> ArchiveError:
        return ArchiveError(
            f"{place} cannot be opened: {error.strerror}. Writing needs a folder it may write to: "
            f"copy {self._path.name} and what is named after it to one, and name that with "
            "--archive."
        )


def lock_files(path: Path) -> list[Path]:
    """Return the files of an archive's turnstile; they hold nothing."""
    return [path.with_name(f"{path.name}.{name}") for name in ("bell", "turn", "room")]


def _locked(file: IO[bytes], mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
