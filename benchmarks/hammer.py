"""Four processes on one archive: a crawl that records, a dashboard that asks, two commands.

    python -m benchmarks.hammer [--minutes 10]

The crawl writes without a pause. The dashboard asks every 0.1 s, from three threads. One command
reads (list, log, changes, sql), the other acts (backup, watch, recompare, with and without
--dry-run), each a process of its own as people start them. An error that a person would have seen,
and an answer that no moment of the archive can give, ends the run with 1; the longest waits are
printed, of each command by itself.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.queues import Queue
from pathlib import Path

from benchmarks import steady
from store.archive import open_archive
from store.errors import StorylapseError

COMMAND = str(Path(sys.executable).with_name("storylapse"))
DASHBOARD_THREADS = 3

Told = tuple[str, float, str]
"""Who, and by which command; how many seconds it took; what was wrong (empty: nothing)."""

Act = Callable[[], str | None]
"""Something done; it may say by which command."""


def main() -> int:
    """Return 0 where nobody saw an error or a wrong answer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    seconds = parser.parse_args().minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "hammer.duckdb"
        steady.made(place, 2)
        told = hammered(place, seconds)
        wrong = steady.faults(open_archive(place))
    for who, times in _by_name(told).items():
        times.sort()
        print(
            f"{who:<19} {len(times):6} times, half within {times[len(times) // 2]:.2f} s, "
            f"95 % within {times[int(len(times) * 0.95)]:.2f} s, the longest {times[-1]:.2f} s"
        )
    silent = {"crawl", "dashboard", "reading", "acting"} - {who.split()[0] for who, _, _ in told}
    wrong += [f"{who} did nothing" for who in silent]
    wrong += [f"{who}: {trouble}" for who, _, trouble in told if trouble]
    print(f"{len(wrong)} errors or wrong answers; load {os.getloadavg()[0]:.0f}")
    for line in wrong[:20]:
        print(line)
    return 1 if wrong else 0


def hammered(place: Path, seconds: float) -> list[Told]:
    """Let the four run for so long; return each thing done."""
    context = multiprocessing.get_context("spawn")
    heard: Queue[Told | None] = context.Queue()
    workers = [
        context.Process(target=worker, args=(place, seconds, heard))
        for worker in (crawl, dashboard, reading_command, acting_command)
    ]
    for worker in workers:
        worker.start()
    told = []
    for _ in workers:
        told += list(iter(heard.get, None))
    for worker in workers:
        worker.join()
    return told


def crawl(place: Path, seconds: float, heard: Queue[Told | None]) -> None:
    """Record batches, one after the other."""
    archive = open_archive(place)
    numbers = itertools.count(steady.batches(archive))
    _repeat("crawl", seconds, heard, lambda: steady.add(archive, next(numbers)))
    heard.put(None)


def dashboard(place: Path, seconds: float, heard: Queue[Told | None]) -> None:
    """Ask from several threads, as pages of several people do; look whether answers can be."""
    archive = open_archive(place)
    least = [0]

    def ask() -> None:
        before = least[0]
        faults = steady.faults(archive)
        now = steady.batches(archive)
        if now < before:
            faults.append(f"{now} batches after {before}")
        least[0] = max(least[0], now)
        if faults:
            raise AssertionError("; ".join(faults))

    def page() -> None:
        _repeat("dashboard", seconds, heard, ask, pause=0.1)

    threads = [threading.Thread(target=page) for _ in range(DASHBOARD_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard.put(None)


def reading_command(place: Path, seconds: float, heard: Queue[Told | None]) -> None:
    """Read as a person at a terminal does."""
    words = itertools.cycle(
        [["list"], ["log", steady.ARTICLES[0]], ["changes"], ["sql", "FROM article_list"]]
    )
    _repeat("reading", seconds, heard, lambda: _command(place, next(words)))
    heard.put(None)


def acting_command(place: Path, seconds: float, heard: Queue[Told | None]) -> None:
    """Act as a person at a terminal does; backups must be whole."""

    def acts() -> Iterator[list[str]]:
        for number in itertools.count():
            copy = place.with_name(f"backup-{number}.duckdb")
            yield ["backup", str(copy)]
            faults = steady.faults(open_archive(copy))
            if faults:
                raise AssertionError("; ".join(faults))
            for file in place.parent.glob(f"{copy.name}*"):
                file.unlink()
            yield ["watch", steady.ARTICLES[0]]
            yield ["recompare", "--all"]
            yield ["recompare", "--all", "--dry-run"]

    words = acts()
    _repeat("acting", seconds, heard, lambda: _command(place, next(words)))
    heard.put(None)


def _repeat(
    who: str,
    seconds: float,
    heard: Queue[Told | None],
    act: Act,
    *,
    pause: float = 0.0,
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began, command, trouble = time.monotonic(), None, ""
        try:
            command = act()
        except (AssertionError, StorylapseError) as error:
            trouble = str(error) or repr(error)
        name = f"{who} {command}" if command else who
        heard.put((name, time.monotonic() - began, trouble))
        time.sleep(pause)


def _command(place: Path, words: list[str]) -> str:
    done = subprocess.run(
        [COMMAND, "--archive", str(place), *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssertionError(
            f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}"
        )
    return words[0]


def _by_name(told: list[Told]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for who, seconds, _ in told:
        found.setdefault(who, []).append(seconds)
    return found


if __name__ == "__main__":
    sys.exit(main())
