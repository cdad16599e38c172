"""How long the dashboard's questions take while recording goes on: wall time, the pages' own SQL.

    python -m benchmarks.archive_queries FILE [--repeats 20] [--write-docs]

FILE was made by ``benchmarks.large_archive``; it is written to: looks are recorded in it while it
is asked, twenty a second in one batch as a crawl does, one of them of a page that changed. So the
waits at the archive's turnstile are in the figures. Nothing is answered from the pages' caches.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.archive_recording import snapshot
from benchmarks.large_archive import UNTIL
from benchmarks.page_questions import questions
from dashboard import data
from store import documents
from store.archive import Archive, open_archive
from store.filters import catch_up
from store.model import Fetch, Outcome, Snapshot, Why
from store.session import Sessions
from store.telling import Telling

DOCS = Path(__file__).parent.parent / "docs" / "questions-measured.md"
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


def main() -> None:
    """Measure every question and print the table; write it down where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks.archive_queries")
    parser.add_argument("file", type=Path, help="made by benchmarks.large_archive")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--write-docs", action="store_true", help=f"write {DOCS.name} in docs/")
    arguments = parser.parse_args()
    archive = open_archive(arguments.file)
    print("filters for searching …", file=sys.stderr, flush=True)
    catch_up(Sessions(archive.path), lambda _done, _known: None)
    asked = measure(archive, arguments.repeats, UNTIL)
    lines = list(_page(archive, arguments.repeats, asked))
    print("\n".join(lines))
    if arguments.write_docs:
        DOCS.write_text("\n".join([*lines, ""]), "utf-8")


def _page(archive: Archive, repeats: int, asked: Mapping[str, Asked]) -> Iterable[str]:
    size = archive.query(
        """SELECT (SELECT count(*) FROM article_list) AS articles,
                  (SELECT count(*) FROM version_list) AS versions,
                  (SELECT count(*) FROM check_list) AS checks"""
    )[0]
    yield from (
        "# Questions, measured",
        "",
        "Written by `python -m benchmarks.archive_queries FILE --write-docs`, where FILE was made",
        "by `python -m benchmarks.large_archive FOLDER`: what pages, feeds and API ask, of",
        f"{size['articles']:,} articles with {size['versions']:,} versions and {size['checks']:,}",
        "checks, past the pages' caches. By the clock, while another thread records a batch of",
        f"{BATCH} looks every second; {repeats} times each, on two cores; to reach: 200 ms at the",
        "95th percentile. Alone is the processor time, of both cores, of the quickest of three.",
        "",
        "| question | 95th percentile | median | alone |",
        "|---|---|---|---|",
    )
    for name, took in asked.items():
        times = (took.p95, took.median, took.cpu)
        yield f"| {name} | " + " | ".join(f"{1000 * one:.0f} ms" for one in times) + " |"


def measure(archive: Archive, repeats: int, now: datetime) -> dict[str, Asked]:
    """Return what each question of the pages took."""
    os.environ["STORYLAPSE_ARCHIVE"] = str(archive.path)
    data._asked = lambda _, sql, values: archive.query(sql, values)  # type: ignore[assignment]
    data._asked_at_leisure = data._asked
    asking = questions(archive, now)
    archive.fold_in()
    cpu = {name: least_cpu(question, 3) for name, question in asking.items()}
    asked = {}
    with _recording(archive, now):
        for name, question in asking.items():
            median, p95 = _percentiles([_lasts(question) for _ in range(repeats)])
            asked[name] = Asked(median, p95, cpu[name])
            print(f"{name}: {asked[name]}", file=sys.stderr, flush=True)
    return asked


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


@contextmanager
def _recording(archive: Archive, now: datetime) -> Iterator[None]:
    """Record looks until the block ends: most find nothing, as in life, and one a changed page."""
    found = archive.query("SELECT article_id, versions FROM article_list LIMIT ?", [BATCH])
    first = archive.document(found[0]["article_id"], found[0]["versions"])
    over = threading.Event()

    def go_on() -> None:
        turn = 0
        while not over.wait(1.0):
            turn += 1
            at = now + timedelta(seconds=turn)
            said = replace(first.blocks[0], text=f"{first.blocks[0].text} It is turn {turn} now.")
            edited = replace(first, blocks=(said, *first.blocks[1:]))
            changed = snapshot(found[0]["article_id"], edited, at)
            archive.record([changed, *(_look(row, at) for row in found[1:])], Telling())

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


if __name__ == "__main__":
    main()
