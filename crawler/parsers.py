"""Warm parser processes: hostile bytes in, documents out, and nothing that hangs.

One tag with 40,000 attributes holds the parser for a minute and a half, and no
exception or signal handler of ours would run meanwhile. So pages are read in
children with limits on processor time and memory, and a child that hangs, dies,
grows fat or has read a thousand pages is replaced.

Reading is the one thing that all sites share, so a page that takes long is read apart: a quick
child is stopped on it, and one patient child, which yields the processor to the others, reads it
and what its site sends from then on, until a page of the site is quick again. The first page of a
site is read apart as well: a site that was read quickly before waits for none that was not.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter

from crawler import layout
from crawler.children import Answer, Children, Unreadable
from crawler.extract.glance import Learned, glance
from crawler.reading import Reading
from crawler.sketches import Known
from store.model import Document

__all__ = ["MOST_ATTRIBUTES", "MOST_TAGS", "ParserPool", "Unreadable", "check_markup"]

# The most of 347 real pages had 19,437 "<"; 100,000 paragraphs take 16 s to read.
MOST_TAGS = 50_000
# A tag over 16 KiB is looked into: real ones carry one long value (a picture, a JSON
# object: up to 165 kB were met) and fewer than 200 blanks; 5,000 attributes take 0.3 s.
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{16384,}")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
MOST_ATTRIBUTES = 2_000

# Processor time: of 53 real pages nine in ten took under 0.12 s, and the longest 1.03 s.
SLOW_SECONDS = 1.0
"""Sites whose last page took longer are left to the patient child."""
_QUICK_SECONDS = 1.0
_FIRST_SECONDS = 0.5  # other sites' first pages wait meanwhile, and the patient child reads it too
_FIRST_CHILDREN = 2  # one reads while the other, stopped on a page that hangs, starts again
# A child on a busy machine may wait for its turn: wall time granted per second of its own.
_WALL_FACTOR, _PATIENT_WALL_FACTOR = 12, 24
_MOST_PATIENT = 16  # pages that may wait for the patient child, one a site
_MOST_SITES = 10_000  # remembered as quick or slow
_NICE = 10  # a tenth of the others' share of a busy processor
_LOOK_AHEAD = 4  # jobs in flight per worker
_DOCUMENT = TypeAdapter(Document)
_LEARNED = TypeAdapter(Learned | None)


def check_markup(body: bytes) -> None:
    """Refuse, in linear time, what would hold the parser. Raises Unreadable."""
    if body.count(b"<") > MOST_TAGS:
        raise Unreadable(f"The page has more than {MOST_TAGS} tags.", "hostile_markup")
    for match in _LONG_TAG.finditer(body):
        if len(_QUOTED.sub(b"", match[0]).split()) > MOST_ATTRIBUTES:
            reason = f"A tag of the page has more than {MOST_ATTRIBUTES} attributes."
            raise Unreadable(reason, "hostile_markup")


class ParserPool:
    """Parser processes, most of them quick and one patient, shared by any number of threads."""

    def __init__(
        self,
        workers: int,
        cpu_seconds: int = 5,
        memory_bytes: int = 1_500_000_000,
        layouts: Path | None = None,
    ) -> None:
        """Allow ``workers`` processes, two for first pages, and one for pages that take long.

        They start when they are needed; a page may use ``cpu_seconds`` and ``memory_bytes``.
        ``layouts`` is a person's own folder of layout files. Raises ConfigError where one of
        them is wrong.
        """
        layout.load(layouts)  # the children would only die of it
        self._workers = workers
        self._cpu_seconds = cpu_seconds
        folder = str(layouts.absolute()) if layouts else ""
        self._quick = Children(workers, memory_bytes, folder, 0)
        self._first = Children(_FIRST_CHILDREN, memory_bytes, folder, 0)
        self._patient = Children(1, memory_bytes, folder, _NICE)
        self._waiting = threading.BoundedSemaphore(_MOST_PATIENT)
        self._slow: dict[str, bool] = {}

    def read(self, body: bytes, url: str, content_type: str | None = None) -> Document:
        """Read one response body, waiting for a free process. Raises Unreadable."""
        check_markup(body)
        header = {"op": "read", "url": url, "content_type": content_type}
        return _DOCUMENT.validate_json(self._read(header, body)[1])

    def look(
        self, body: bytes, url: str, content_type: str | None = None, known: bytes = b""
    ) -> Reading | None:
        """Read a body unless it holds the article of a sketch: None then. Raises Unreadable."""
        check_markup(body)
        header = {"op": "look", "url": url, "content_type": content_type, "known": len(known)}
        facts, answer = self._read(header, known + body)
        if "same" in facts:
            return None
        made = answer[: facts["sketch"]]
        learned = _LEARNED.validate_python(facts["learned"])
        document = _DOCUMENT.validate_json(answer[facts["sketch"] :])
        return Reading(document, Known(made, glance(body, made, learned)))

    def _read(self, header: dict[str, Any], payload: bytes) -> Answer:
        """Have a page read by a child that its site is to have."""
        site = "/".join(header["url"].split("/", 3)[:3])
        if self._slow.get(site):
            return self._read_patiently(site, header, payload)
        known = site in self._slow
        children = self._quick if known else self._first
        seconds = _QUICK_SECONDS if known else _FIRST_SECONDS
        try:
            granted = _granted(min(seconds, self._cpu_seconds))
            answer = children.ask(header | granted, payload)
        except Unreadable as error:
            if error.detail != "too_slow":
                raise
            return self._read_patiently(site, header, payload)
        self._learn(site, answer)
        return answer

    def _read_patiently(self, site: str, header: dict[str, Any], payload: bytes) -> Answer:
        self._mark(site, slow=True)
        if not self._waiting.acquire(blocking=False):
            raise Unreadable("Too many pages that take long to read wait already.", "too_slow")
        try:
            granted = _granted(self._cpu_seconds, _PATIENT_WALL_FACTOR)
            answer = self._patient.ask(header | granted, payload)
        finally:
            self._waiting.release()
        self._learn(site, answer)
        return answer

    def _learn(self, site: str, answer: Answer) -> None:
        """Note how long a site's page took; one that was recognised says nothing of the next."""
        if "same" not in answer[0]:
            self._mark(site, slow=answer[0]["seconds"] > SLOW_SECONDS)

    def _mark(self, site: str, *, slow: bool) -> None:
        if len(self._slow) >= _MOST_SITES and site not in self._slow:
            self._slow.clear()
        self._slow[site] = slow

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
        self._first.close()
        self._quick.close()
        self._patient.close()

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
            asked = {"op": op} | _granted(self._cpu_seconds)
            result: dict[str, Any] = json.loads(self._quick.ask(asked, payload)[1])
        except Unreadable as error:
            return {"id": job.get("id"), "error": error.reason}
        return result


def _granted(cpu_seconds: float, wall_factor: int = _WALL_FACTOR) -> dict[str, Any]:
    return {"cpu_seconds": cpu_seconds, "wall_seconds": max(1.0, cpu_seconds) * wall_factor}


def _html(side: Any) -> Any:
    return side.get("html") if isinstance(side, dict) else None
