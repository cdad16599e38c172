"""Parser processes: each does one job at a time, within limits, and is replaced when it ends.

One that hangs, dies, grows fat or has read a thousand pages makes room for another.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count as count_up
from math import inf
from typing import Any, BinaryIO, cast

from crawler.parser_child import read_frame, write_frame

_MOST_PAGES = 1_000  # per child
_FAT = 400 * 2**20  # bytes a child may hold between pages
_START_SECONDS = 60.0  # to load the libraries, on a busy machine
_WATCH_SECONDS = 0.5
_PIPE_BYTES = 2**18  # most pages fit whole; through a small pipe both sides wait for each other


Answer = tuple[dict[str, Any], bytes]


class Unreadable(Exception):
    """A page could not be read. ``detail`` is a stable word, ``reason`` one sentence.

    Details: ``too_slow``, ``too_big``, ``hostile_markup``, ``crashed``, ``unreadable``,
    ``bad_job``, ``closed``.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class _Died(Unreadable):
    """The process ended without an answer: by the page, or by somebody else."""


class _Child:
    """One parser process, started at once and ready when it says so."""

    def __init__(self, memory_bytes: int, layouts: str, niceness: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            [
                sys.executable,
                "-P",
                "-m",
                "crawler.parser_child",
                str(memory_bytes),
                layouts,
                str(niceness),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=_PIPE_BYTES,
            start_new_session=True,  # Ctrl-C ends the parent, which ends the children
        )
        self.ready = False
        self.jobs = 0
        self.memory = 0
        self.late_at = inf  # when to stop waiting for an answer, by the steady clock
        self._late = False

    def ask(self, header: dict[str, Any], payload: bytes) -> Answer:
        """Put one job and wait for its answer. Raises Unreadable."""
        if not self.ready:
            self._exchange(None, b"", _START_SECONDS)
            self.ready = True
        facts, result = self._exchange(header, payload, header["wall_seconds"])
        self.jobs += "same" not in facts  # what leaves nothing behind wears nobody out
        self.memory = facts["memory"]
        if "error" in facts:
            raise Unreadable(facts["error"], facts["detail"])
        return facts, result

    def _exchange(
        self, header: dict[str, Any] | None, payload: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send (where there is something to send) and receive; the child is killed when late."""
        self.late_at, self._late = time.monotonic() + seconds, False
        try:
            if header is not None:
                write_frame(cast("BinaryIO", self._process.stdin), header, payload)
            frame = read_frame(cast("BinaryIO", self._process.stdout))
        except (OSError, ValueError):
            frame = None
        finally:
            self.late_at = inf
        if frame is None:
            raise self._end()
        return frame

    def stop_late(self, now: float) -> None:
        """End the process where it should have answered before ``now`` (steady seconds)."""
        if now > self.late_at:
            self._late = True
            self.stop()

    def stop(self) -> None:
        """End the process now; whoever waits for its answer learns that it died."""
        self._process.kill()

    def _end(self) -> Unreadable:
        """What the end of the process means for the page it was reading."""
        signal = -self._wait()
        if self._late or signal == 27:  # SIGPROF: its processor time is used up
            return Unreadable("The page could not be read in time.", "too_slow")
        if signal == 9:  # the system's own answer when memory runs out
            return _Died("The page needs more memory than a page may take.", "too_big")
        return _Died("The parser broke on the page.", "crashed")

    def _wait(self) -> int:
        """The return code of a process whose output has ended, killed if it lingers."""
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            code = 0
        self.kill()
        return code

    @property
    def spent(self) -> bool:
        """Whether the process should be replaced before the next page."""
        return self._process.poll() is not None or self.jobs >= _MOST_PAGES or self.memory > _FAT

    def kill(self) -> None:
        """End the process now and collect it."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close_quietly(pipe)
        self._process.wait()


def _close_quietly(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:  # unsent bytes of a job whose child is dead
        return


class Children:
    """A fixed number of parser processes, shared by any number of threads."""

    def __init__(self, count: int, memory_bytes: int, layouts: str, niceness: int) -> None:
        self._limits = (memory_bytes, layouts, niceness)
        self._closed = False
        self._at_work: set[_Child] = set()
        self._ended = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="storylapse-watch", daemon=True)
        self._starting = threading.Lock()
        self._tickets = count_up()
        # First those that are ready, the last used before the others; then those that start. None
        # stands for a process not yet started: where no page changed, none is needed.
        self._idle: queue.PriorityQueue[tuple[int, int, _Child | None]] = queue.PriorityQueue()
        for _ in range(count):
            self._lay_down(None)

    def ask(self, header: dict[str, Any], payload: bytes) -> Answer:
        """Have a job done; return facts about it, ``seconds`` of processor time among them, and it.

        A page whose process died is read once more. Raises Unreadable.
        """
        try:
            return self._ask_once(header, payload)
        except _Died:
            return self._ask_once(header, payload)

    def close(self) -> None:
        """End all processes at once, those at work too: a page that hangs holds up no end."""
        self._closed = True
        self._ended.set()
        for child in tuple(self._at_work):
            child.stop()
        with suppress(queue.Empty):
            while True:
                if (idle := self._idle.get_nowait()[2]) is not None:
                    idle.kill()
        self._lay_down(None)  # whoever waits learns that there is nothing to wait for

    def _ask_once(self, header: dict[str, Any], payload: bytes) -> Answer:
        child = self._idle.get()[2]
        if self._closed:
            self._lay_down(child)
            raise Unreadable("The parsers are closed.", "closed")
        child = child or _Child(*self._limits)
        self._at_work.add(child)
        self._be_watched()
        try:
            return child.ask(header, payload)
        finally:
            self._put_back(child)

    def _be_watched(self) -> None:
        with self._starting:
            if self._watchdog.ident is None:
                self._watchdog.start()

    def _watch(self) -> None:
        """Stop whoever is late. One thread for all: one for each page cost a tenth of a look."""
        while not self._ended.wait(_WATCH_SECONDS):
            now = time.monotonic()
            for child in tuple(self._at_work):
                child.stop_late(now)

    def _put_back(self, child: _Child) -> None:
        self._at_work.discard(child)
        if not (self._closed or child.spent):
            self._lay_down(child)
            return
        child.kill()
        # The next one starts now, and whoever needs it waits the less.
        self._lay_down(None if self._closed else _Child(*self._limits))

    def _lay_down(self, child: _Child | None) -> None:
        rank = 2 if child is None else int(not child.ready)
        self._idle.put((rank, -next(self._tickets), child))
