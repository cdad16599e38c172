"""Warm parser processes: hostile bytes in, documents out, and nothing that hangs.

One tag with 40,000 attributes holds the parser for a minute and a half, and no
exception or signal handler of ours would run meanwhile. So pages are read in
children with limits on processor time and memory, and a child that hangs, dies,
grows fat or has read a thousand pages is replaced.
"""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from pydantic import TypeAdapter

from crawler import layout
from crawler.parser_child import read_frame, write_frame
from store.model import Document

# The most of 347 real pages had 19,437 "<"; 100,000 paragraphs take 16 s to read.
MOST_TAGS = 50_000
# A tag over 16 KiB is looked into: real ones carry one long value (a picture, a JSON
# object: up to 165 kB were met) and fewer than 200 blanks; 5,000 attributes take 0.3 s.
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{16384,}")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
MOST_ATTRIBUTES = 2_000

_MOST_PAGES = 1_000  # per child
_FAT = 400 * 2**20  # bytes a child may hold between pages
_START_SECONDS = 60.0  # to load the libraries, on a busy machine
# A child on a busy machine may wait for its turn: wall time granted per second of its own.
_WALL_FACTOR = 6
_PIPE_BYTES = 2**18  # most pages fit whole; through a small pipe both sides wait for each other
_LOOK_AHEAD = 4  # jobs in flight per worker
_DOCUMENT = TypeAdapter(Document)


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


def check_markup(body: bytes) -> None:
    """Refuse, in linear time, what would hold the parser. Raises Unreadable."""
    if body.count(b"<") > MOST_TAGS:
        raise Unreadable(f"The page has more than {MOST_TAGS} tags.", "hostile_markup")
    for match in _LONG_TAG.finditer(body):
        if len(_QUOTED.sub(b"", match[0]).split()) > MOST_ATTRIBUTES:
            reason = f"A tag of the page has more than {MOST_ATTRIBUTES} attributes."
            raise Unreadable(reason, "hostile_markup")


class _Child:
    """One parser process, started at once and ready when it says so."""

    def __init__(self, cpu_seconds: int, memory_bytes: int, layouts: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            [
                sys.executable,
                "-P",
                "-m",
                "crawler.parser_child",
                str(cpu_seconds),
                str(memory_bytes),
                layouts,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=_PIPE_BYTES,
            start_new_session=True,  # Ctrl-C ends the parent, which ends the children
        )
        self._wall = cpu_seconds * _WALL_FACTOR
        self._ready = False
        self.jobs = 0
        self.memory = 0

    def ask(self, header: dict[str, Any], payload: bytes) -> bytes:
        """Put one job and wait for its answer. Raises Unreadable."""
        if not self._ready:
            self._exchange(None, b"", _START_SECONDS)
            self._ready = True
        self.jobs += header["op"] != "holds"  # what leaves nothing behind wears nobody out
        answer, result = self._exchange(header, payload, self._wall)
        self.memory = answer["memory"]
        if "error" in answer:
            raise Unreadable(answer["error"], answer["detail"])
        return result

    def _exchange(
        self, header: dict[str, Any] | None, payload: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send (where there is something to send) and receive; the child is killed when late."""
        late = threading.Event()
        watchdog = threading.Timer(seconds, self._stop, [late])
        watchdog.daemon = True
        watchdog.start()
        try:
            if header is not None:
                write_frame(cast("BinaryIO", self._process.stdin), header, payload)
            frame = read_frame(cast("BinaryIO", self._process.stdout))
        except (OSError, ValueError):
            frame = None
        finally:
            watchdog.cancel()
        if frame is None:
            raise self._end(late=late.is_set())
        return frame

    def _stop(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _end(self, *, late: bool) -> Unreadable:
        """What the end of the process means for the page it was reading."""
        signal = -self._wait()
        if late or signal == 24:  # SIGXCPU
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


class ParserPool:
    """A fixed number of parser processes, shared by any number of threads."""

    def __init__(
        self,
        workers: int,
        cpu_seconds: int = 5,
        memory_bytes: int = 1_500_000_000,
        layouts: Path | None = None,
    ) -> None:
        """Allow ``workers`` processes; each page may use ``cpu_seconds`` and ``memory_bytes``.

        ``layouts`` is a person's own folder of layout files. Raises ConfigError where one of
        them is wrong.
        """
        layout.load(layouts)  # the children would only die of it
        self._workers = workers
        self._limits = (cpu_seconds, memory_bytes, str(layouts.absolute()) if layouts else "")
        self._closed = False
        # None stands for a process not yet started: where no page changed, none is needed.
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(None)

    def read(self, body: bytes, url: str, content_type: str | None = None) -> Document:
        """Read one response body, waiting for a free process. Raises Unreadable."""
        check_markup(body)
        header = {"op": "read", "url": url, "content_type": content_type}
        return _DOCUMENT.validate_json(self._ask(header, body))

    def holds(self, known: bytes, body: bytes) -> bool:
        """Whether a page holds the article of a sketch; in every doubt it does not."""
        if body.count(b"<") > MOST_TAGS:
            return False
        try:
            return self._ask({"op": "holds", "known": len(known)}, known + body) == b"yes"
        except Unreadable:
            return False  # the page is read in full, and that says what is wrong with it

    def map_jobs(self, op: str, jobs: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Do batch work with all processes, answers in the order of the jobs.

        ``op`` is "extract" or "compare". A job that cannot be done gives
        ``{"id", "error"}``. Only a few jobs per process are held in memory at a time.
        """
        waiting: deque[Future[dict[str, Any]]] = deque()
        with ThreadPoolExecutor(self._workers) as threads:
            for job in jobs:
                waiting.append(threads.submit(self._job, op, job))
                if len(waiting) >= self._workers * _LOOK_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def close(self) -> None:
        """End all processes; those at work end with their page."""
        self._closed = True
        while True:
            try:
                child = self._idle.get_nowait()
            except queue.Empty:
                return
            if child is not None:
                child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _job(self, op: str, job: dict[str, Any]) -> dict[str, Any]:
        try:
            for text in (job.get("html"), *(_html(job.get(side)) for side in ("old", "new"))):
                check_markup(text.encode("utf-8", "replace") if isinstance(text, str) else b"")
            payload = json.dumps(job).encode()
            result: dict[str, Any] = json.loads(self._ask({"op": op}, payload))
        except Unreadable as error:
            return {"id": job.get("id"), "error": error.reason}
        return result

    def _ask(self, header: dict[str, Any], payload: bytes) -> bytes:
        """Have a job done. A page whose process died is read once more."""
        try:
            return self._ask_once(header, payload)
        except _Died:
            return self._ask_once(header, payload)

    def _ask_once(self, header: dict[str, Any], payload: bytes) -> bytes:
        if self._closed:
            raise Unreadable("The parsers are closed.", "closed")
        child = self._idle.get() or _Child(*self._limits)
        try:
            return child.ask(header, payload)
        finally:
            self._put_back(child)

    def _put_back(self, child: _Child) -> None:
        if self._closed or child.spent:
            child.kill()
            self._idle.put(None)
        else:
            self._idle.put(child)


def _html(side: Any) -> Any:
    return side.get("html") if isinstance(side, dict) else None
