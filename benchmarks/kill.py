"""Kill ``storylapse fetch`` at random moments and look for what was lost.

    python -m benchmarks.kill [TIMES]

A real newsroom on loopback is fetched by the real product, which is killed with SIGKILL at
a random moment of each pass. After every kill the archive must open, every check seen
before must still be there, none twice, and every version must have its document. Beside it
stands a site that asks for a pause between two requests (Crawl-delay); its own clock says
whether it got it, also between the last request of one life and the first of the next.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

from crawler.newsroom.server import Newsroom
from store.archive import Archive, open_archive

COMMAND = str(Path(sys.executable).with_name("storylapse"))
LONGEST_SHARE = 1.2  # of what the first pass lasts, which is left to end by itself
DELAY_SECONDS = 4.0
PAGES = 3


def main() -> int:
    """Return 0 where nothing was lost."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance = random.Random(1)
    started = datetime.now(UTC)
    newsroom = Newsroom(started, lambda: datetime.now(UTC))
    newsroom.start()
    shy = Shy()
    killed = lost = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "kill.duckdb"
        options = ["--archive", str(place), "--allow-host", newsroom.host]
        options += ["--allow-host", shy.host]
        watched = [*newsroom.feeds, *(f"http://{shy.host}/{n}" for n in range(PAGES))]
        subprocess.run([COMMAND, "watch", *watched, *options], check=True, text=True)
        longest = LONGEST_SHARE * _lasts(options)
        known = _checks(open_archive(place))
        for turn in range(1, times + 1):
            killed += _killed(options, chance.uniform(0.1, 1.0) * longest)
            seen = _checks(open_archive(place))
            lost += len(known - seen)
            known = seen
            if turn % 10 == 0 or turn == times:
                print(
                    f"{turn} passes, {killed} killed, {len(known)} checks, {lost} lost; "
                    f"{shy.hurried()} of {len(shy.asked)} requests came before their time",
                    flush=True,
                )
    newsroom.stop()
    shy.close()
    return 1 if lost or shy.hurried() else 0


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


_SENTENCE = "The keeper of the weir said that the gates had held through a long and windy night. "
_PAGE = (
    f"<html><body><article><h1>The weir holds</h1><p>{_SENTENCE * 9}</p></article></body></html>"
)


def _lasts(options: list[str]) -> float:
    """Return how many seconds a whole pass takes on this machine, now."""
    began = time.monotonic()
    _started(options).wait()
    return time.monotonic() - began


def _started(options: list[str]) -> subprocess.Popen[bytes]:
    command = [COMMAND, "fetch", "--all", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _killed(options: list[str], seconds: float) -> bool:
    child = _started(options)
    time.sleep(seconds)
    alive = child.poll() is None
    child.kill()
    child.wait()
    return alive


def _checks(archive: Archive) -> set[str]:
    """Return the checks; fail where one stands twice or a version lacks its document."""
    rows = [row["check_id"] for row in archive.query("SELECT check_id FROM check_list")]
    if len(rows) != len(set(rows)):
        raise SystemExit("A check is recorded twice.")
    for row in archive.query("SELECT article_id, version FROM version_list"):
        archive.document(row["article_id"], row["version"])
    return set(rows)


if __name__ == "__main__":
    sys.exit(main())
