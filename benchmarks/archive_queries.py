"""How long the dashboard's questions take while recording goes on: wall time, the pages' own SQL.

Nothing is answered from the pages' caches. A thread records batches as a crawl does, about one a
second, so the waits at the archive's turnstile are in the figures.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any

from dashboard import counts, data, ranked
from store import documents
from store.archive import Archive
from store.model import Fetch, Outcome, Snapshot, Why
from store.telling import Telling

BATCH = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question took, in seconds.

    ``median`` and ``p95`` of the clock while recording goes on; ``cpu`` the smallest of the
    repeats while nothing else does, which other work on the machine does not change.
    """

    median: float
    p95: float
    cpu: float


def measure(archive: Archive, repeats: int, now: datetime) -> dict[str, Asked]:
    """Return what each question of the pages took."""
    os.environ["STORYLAPSE_ARCHIVE"] = str(archive.path)
    data._asked = lambda _, sql, values: archive.query(sql, values)  # type: ignore[assignment]
    data._asked_at_leisure = data._asked
    questions = _questions(archive, now)
    archive.fold_in()
    cpu = {name: least_cpu(question, 3) for name, question in questions.items()}
    with _recording(archive, now):
        waits = {
            name: _percentiles([_lasts(question) for _ in range(repeats)])
            for name, question in questions.items()
        }
    return {name: Asked(*waits[name], cpu[name]) for name in questions}


def rebuilt(archive: Archive, repeats: int) -> tuple[int, float]:
    """Read back all versions of the archive's first article: how many, and the CPU seconds."""
    row = archive.query("SELECT article_id, versions FROM article_list ORDER BY 1 LIMIT 1")[0]
    return row["versions"], least_cpu(lambda: _read(archive, row["article_id"]), repeats)


def least_cpu(work: Callable[[], object], repeats: int) -> float:
    """Return the CPU seconds of some work, the smallest of several repeats."""
    return min(_cpu(work) for _ in range(repeats))


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _read(archive: Archive, article: int) -> None:
    with archive.reading() as connection:
        rows = connection.execute(
            "SELECT document_id FROM versions WHERE article_id = ?", [article]
        ).fetchall()
        documents.load_all(connection, {number for (number,) in rows})


def _questions(archive: Archive, now: datetime) -> dict[str, Callable[[], object]]:
    found = archive.query("SELECT article_id FROM article_list ORDER BY 1 LIMIT 50")
    several = [row["article_id"] for row in found]
    one = several[0]
    day, week = now - timedelta(days=1), now - timedelta(days=7)
    return {
        "queue": lambda: ranked.queue(ranked.Filters(), now),
        "queue, last day": lambda: ranked.queue(ranked.Filters(since=day), now),
        "queue, one outlet": lambda: ranked.queue(ranked.Filters(outlet="news7.example"), now),
        "queue, words": lambda: ranked.queue(ranked.Filters(words="stabal"), now),
        "queue, counts": lambda: ranked.queue_counts(ranked.Filters()),
        "queue, outlets": ranked.outlets_in_queue,
        "since yesterday": lambda: ranked.since(day),
        "held back": lambda: ranked.held_back(week),
        "held rows": lambda: ranked.held_rows(week),
        "sparks": lambda: ranked.sparks(several),
        "pulse": counts.pulse,
        "sources": counts.sources,
        "articles": counts.articles,
        "articles, words": lambda: counts.articles("stabal"),
        "alerts": counts.alerts,
        "outlets": counts.outlets,
        "first changes": counts.first_changes,
        "days": counts.days,
        "repeated": counts.repeated,
        "hosts": counts.hosts,
        "article": lambda: data.article(f"{one:x}"),
        "article, versions": lambda: data.versions(one),
        "article, events": lambda: data.events(one),
        "article, checks": lambda: data.checks(one),
        "article, evidence": lambda: data.evidence(one, 1),
        "article, two versions": lambda: archive.pair(one, 1, 2),
    }


@contextmanager
def _recording(archive: Archive, now: datetime) -> Iterator[None]:
    """Record looks that found nothing, as most do, until the block ends."""
    found = archive.query("SELECT article_id FROM article_list LIMIT ?", [BATCH])
    over = threading.Event()

    def go_on() -> None:
        turn = 0
        while not over.wait(1.0):
            turn += 1
            at = now + timedelta(seconds=turn)
            archive.record([_look(row, at) for row in found], Telling())

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _look(row: dict[str, Any], at: datetime) -> Snapshot:
    fetch = Fetch(
        article_id=row["article_id"],
        started_at=at.astimezone(UTC),
        finished_at=at.astimezone(UTC),
        why=Why.DUE,
        outcome=Outcome.UNCHANGED,
        detail="http_304",
        reason="The server says that nothing changed.",
        status=304,
    )
    return Snapshot(fetch)


def _lasts(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _percentiles(times: list[float]) -> tuple[float, float]:
    cuts = quantiles(times, n=20, method="inclusive")
    return cuts[9], cuts[18]
