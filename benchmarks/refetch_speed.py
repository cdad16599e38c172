"""How fast unchanged pages are fetched again, beside bare Scrapy and trafilatura, in one run.

    python -m benchmarks.refetch_speed [--pages 1200] [--repeats 3] [--write-docs]

One origin on loopback (``refetch_origin``) serves the same pages, 60 to 150 kB each, over real
HTTP; each contender (``refetch_rivals``) is a process of its own that does rounds in turn, so
that whatever else the machine does meets all of them. The round of each that took least processor
time counts: on a busy machine the wall clock tells of others. The product runs as a whole
(schedule, spider, judge, archive); every look is a row at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.refetch_origin import Stage
from benchmarks.sections import write_section

DOCS = Path(__file__).parent.parent / "docs" / "speed.md"
HOSTS = 24
_EXTRACTED = 4
"""Extracting is slow, and its rate does not depend on how many: a fourth of the pages do."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one page took in a round: seconds passed, and processor seconds of two kinds."""

    wall: float
    own: float
    children: float
    endings: dict[str, int]

    @property
    def rate(self) -> float:
        """Pages a second."""
        return 1 / self.wall

    @property
    def cpu(self) -> float:
        """Processor seconds a page, all processes of the contender together."""
        return self.own + self.children


class Contender:
    """A process that does rounds."""

    def __init__(self, name: str, addresses: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.refetch_rivals", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(json.dumps(addresses))

    def look(self, count: int) -> Figure:
        """Have it fetch ``count`` pages."""
        self._say(str(count))
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A contender ended; what it said stands above.")
        took: dict[str, Any] = json.loads(line)
        wall, own, children = (took[part] / count for part in ("seconds", "own", "children"))
        return Figure(wall, own, children, took["endings"])

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@contextmanager
def origin(pages: int) -> Iterator[str]:
    """Serve the pages meanwhile; yields the port."""
    command = ["-m", "benchmarks.refetch_origin", "--pages", str(pages), "--hosts", str(HOSTS)]
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def addresses_at(port: str, pages: int) -> list[str]:
    """The addresses of the pages that the origin at ``port`` serves, host by host in turn."""
    return [f"http://127.0.0.{n % HOSTS + 2}:{port}/news/{n}" for n in range(pages)]


def measure(pages: int, repeats: int, console: Console) -> dict[str, Figure]:
    """Each contender's round of least processor time."""
    found: dict[str, list[Figure]] = {}
    with ExitStack() as stack:
        port = stack.enter_context(origin(pages))
        addresses = addresses_at(port, pages)
        bare, extracting, product = (
            Contender(name, addresses) for name in ("bare", "extracting", "product")
        )
        for contender in (bare, extracting, product):
            stack.callback(contender.close)
        rounds = [("first look", product, pages, Stage.SAME_BYTES)]
        for _ in range(repeats):
            rounds += [
                ("bare Scrapy", bare, pages, Stage.SAME_BYTES),
                ("Scrapy and trafilatura", extracting, pages // _EXTRACTED, Stage.SAME_BYTES),
                ("every page changed", product, pages, Stage.CHANGED),
                ("same bytes", product, pages, Stage.SAME_BYTES),
                ("304", product, pages, Stage.VALIDATED),
                ("furniture changed", product, pages, Stage.FURNITURE),
            ]
        for name, contender, count, stage in rounds:
            urllib.request.urlopen(f"http://127.0.0.2:{port}/~stage/{stage}").close()
            figure = contender.look(count)
            took = f"{figure.rate:6.0f} pages/s {1e3 * figure.cpu:6.2f} ms of CPU"
            console.print(f"{name:24}{took} {figure.endings}")
            found.setdefault(name, []).append(figure)
    return {name: min(figures, key=lambda each: each.cpu) for name, figures in found.items()}


def table(figures: dict[str, Figure]) -> list[tuple[str, ...]]:
    """A row for each contender: rate, processor time, cores used, and the ratios asked for."""
    bare, extracting = figures["bare Scrapy"], figures["Scrapy and trafilatura"]
    full = figures["every page changed"]
    return [
        (
            name,
            f"{each.rate:.0f}",
            f"{1e3 * each.own:.2f}",
            f"{1e3 * each.children:.2f}",
            f"{each.cpu / each.wall:.2f}",
            f"{each.cpu / bare.cpu:.2f}",
            f"{each.rate / bare.rate:.2f}",
            f"{each.rate / extracting.rate:.2f}",
            f"{each.rate / full.rate:.2f}",
        )
        for name, each in figures.items()
    ]


COLUMNS = (
    "round",
    "pages/s",
    "own CPU ms/page",
    "children's CPU ms/page",
    "cores",
    "CPU to bare",
    "rate to bare",
    "rate to trafilatura",
    "rate to changed",
)


def main() -> None:
    """Print the table, and write it down where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks.refetch_speed")
    parser.add_argument("--pages", type=int, default=1_200)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write-docs", action="store_true", help="write docs/speed.md's section")
    asked = parser.parse_args()
    console = Console()
    rows = table(measure(asked.pages, asked.repeats, console))
    shown = Table(*COLUMNS)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    if asked.write_docs:
        write_section(DOCS, "refetch", _section(rows))


def _section(rows: list[tuple[str, ...]]) -> list[str]:
    """The table and what it means, for docs/speed.md."""
    return [
        "`python -m benchmarks.refetch_speed --write-docs`: the same pages of 60 to 150 kB, over",
        "real HTTP from one origin on loopback, fetched by bare Scrapy, by Scrapy with",
        "`trafilatura.extract` on every page, and by the whole product (schedule, spider, judge,",
        "archive), in turn and each in a process of its own; the round of least processor time.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * len(COLUMNS)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


if __name__ == "__main__":
    main()
