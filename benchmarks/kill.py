"""Kill ``storylapse fetch`` at random moments and look for what was lost.

    python -m benchmarks.kill [TIMES] [--side-by-side 3]

A real newsroom on loopback is fetched by the real product, which is killed with SIGKILL at
a random moment of each pass. After every kill the archive must open, every check seen
before must still be there, none twice, no request counted as two checks, and (every tenth time)
every version must have its document. Beside it stands a site that asks for a pause between two
requests (Crawl-delay); its own clock says whether it got it, also between the last request of one
life and the first of the next. Several archives, each with its own sites, are tried side by side,
and every pass is forked from a process that has the product loaded: else imports are most of it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count as count_up
from itertools import pairwise
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from crawler.newsroom.server import Newsroom
from store.archive import Archive, open_archive

LONGEST_SHARE = 1.2  # of what the first pass lasts, which is left to end by itself
DELAY_SECONDS = 2.0
PAGES = 2
_FULL_EVERY = 10
_LOADED = ["dashboard.cli", "crawler.once", "scrapy.crawler", "scrapy.core.engine"]


@dataclass(slots=True)
class Tally:
    """What all the archives came to, together."""

    times: int
    passes: int = 0
    killed: int = 0
    lost: int = 0
    twice: int = 0
    checks: Counter[int] = field(default_factory=Counter)  # by archive
    asked: Counter[int] = field(default_factory=Counter)
    hurried: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *, killed: bool, lost: int, twice: int) -> bool:
        """Count one pass; return whether there are more to do."""
        with self.lock:
            self.passes += 1
            self.killed += killed
            self.lost += lost
            self.twice += twice
            if self.passes % 50 == 0 or self.passes == self.times:
                print(self, flush=True)
            return self.passes < self.times

    def __str__(self) -> str:
        return (
            f"{self.passes} passes, {self.killed} killed, {self.checks.total()} checks, "
            f"{self.lost} lost, {self.twice} twice; {self.hurried.total()} of "
            f"{self.asked.total()} requests came before their time"
        )


def main() -> int:
    """Return 0 where nothing was lost."""
    reading = argparse.ArgumentParser(prog="benchmarks.kill")
    reading.add_argument("times", type=int, nargs="?", default=20)
    reading.add_argument("--side-by-side", type=int, default=3, metavar="ARCHIVES")
    arguments = reading.parse_args()
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(_LOADED)
    tally = Tally(arguments.times)
    archives = max(1, min(arguments.side_by_side, arguments.times // 10))
    with ThreadPoolExecutor(archives) as threads:
        for done in [threads.submit(_one_archive, forks, tally, n) for n in range(archives)]:
            done.result()
    return 1 if tally.lost or tally.twice or tally.hurried.total() else 0


def _one_archive(forks: multiprocessing.context.ForkServerContext, tally: Tally, n: int) -> None:
    """Kill passes over one archive until enough were killed over all."""
    chance = random.Random(n)
    newsroom = Newsroom(datetime.now(UTC), lambda: datetime.now(UTC))
    newsroom.start()
    shy = Shy()
    with ExitStack() as leaving:
        folder = leaving.enter_context(tempfile.TemporaryDirectory())
        leaving.callback(newsroom.stop)
        leaving.callback(shy.close)
        place = Path(folder) / "kill.duckdb"
        options = ["--archive", str(place), "--allow-host", newsroom.host]
        options += ["--allow-host", shy.host]
        watched = [*newsroom.feeds, *(f"http://{shy.host}/{n}" for n in range(PAGES))]
        _started(forks, ["watch", *watched, *options]).join()
        fetch = ["fetch", "--all", *options]
        longest = LONGEST_SHARE * _lasts(forks, fetch)
        archive = open_archive(place)
        known = _checks(archive)
        for turn in count_up(1):
            killed = _killed(forks, fetch, chance.uniform(0.02, 1.0) * longest)
            seen = _checks(archive)
            if turn % _FULL_EVERY == 0:
                _read_all(archive)
            tally.checks[n], tally.asked[n] = len(seen), len(shy.asked)
            tally.hurried[n] = shy.hurried()
            twice = max(0, _checks_of(archive, shy.host) - len(shy.asked))
            if not tally.add(killed=killed, lost=len(known - seen), twice=twice):
                return
            known = seen


class Shy:
    """A site on loopback that asks for a pause between two requests, and looks at its clock."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_robots = self.path == "/robots.txt"
                if not is_robots:
                    site.asked.append(time.monotonic())
                body = f"User-agent: *\nCrawl-delay: {DELAY_SECONDS}\n" if is_robots else _PAGE
                self.send_response(200)
                self.send_header("Content-Type", "text/plain" if is_robots else "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hurried(self) -> int:
        """How many requests came sooner after another than was asked for."""
        return sum(later - earlier < DELAY_SECONDS for earlier, later in pairwise(self.asked))

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


_SENTENCE = "The keeper of the weir said that the gates had held through a long and windy night. "
_PAGE = (
    f"<html><body><article><h1>The weir holds</h1><p>{_SENTENCE * 9}</p></article></body></html>"
)


def _lasts(forks: multiprocessing.context.ForkServerContext, command: list[str]) -> float:
    """Return how many seconds a whole pass takes on this machine, now."""
    began = time.monotonic()
    _started(forks, command).join()
    return time.monotonic() - began


def _started(
    forks: multiprocessing.context.ForkServerContext, command: list[str]
) -> ForkServerProcess:
    process = forks.Process(target=_storylapse, args=(command,))
    process.start()
    return process


def _storylapse(command: list[str]) -> None:
    """The command line, as the executable runs it, but silent."""
    from dashboard.cli import main as command_line  # noqa: PLC0415 - only the forks have it loaded

    sys.argv = ["storylapse", *command]
    with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        command_line()


def _killed(
    forks: multiprocessing.context.ForkServerContext, command: list[str], seconds: float
) -> bool:
    child = _started(forks, command)
    child.join(seconds)
    alive = child.is_alive()
    child.kill()
    child.join()
    return alive


def _checks(archive: Archive) -> set[str]:
    """Return the checks; fail where one stands twice."""
    rows = [row["check_id"] for row in archive.query("SELECT check_id FROM check_list")]
    if len(rows) != len(set(rows)):
        raise SystemExit("A check is recorded twice.")
    return set(rows)


def _checks_of(archive: Archive, host: str) -> int:
    """Return how many answers of a host are recorded: never more than it gave."""
    question = (
        "SELECT count(*) AS n FROM check_list JOIN article_list USING (article_id) "
        f"WHERE host = '{host}' AND status IS NOT NULL"
    )
    return int(archive.query(question)[0]["n"])


def _read_all(archive: Archive) -> None:
    """Read every version; one that lacks its document raises."""
    for row in archive.query("SELECT article_id, version FROM version_list"):
        archive.document(row["article_id"], row["version"])


if __name__ == "__main__":
    sys.exit(main())
