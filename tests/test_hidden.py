"""An article behind a wall, look after look: through real HTTP, the crawl and the archive."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from origin import Answer, Origin

TEXT = (
    "The harbour board voted on Tuesday to rebuild the old crane beside the market hall.",
    "Work begins in April and is to last until the end of the following year.",
    "The crane was built in 1911 and has not lifted anything since the war.",
    "A fund that residents set up has paid for half of it, the treasurer said.",
)
PAGE = (
    "<html lang='en'><head><title>Crane</title></head><body><article><h1>Board rebuilds the crane"
    f"</h1>{''.join(f'<p>{one}</p>' for one in TEXT)}</article></body></html>"
)
COOKIES = (
    "<html lang='en'><head><title>Crane</title></head><body><h2>We value your privacy</h2><p>We "
    "and our 842 partners use cookies to show personalised ads. Accept or manage your choices."
    "</p><button>Accept all</button><button>Reject all</button></body></html>"
)
REFUSAL = Answer(b"<h1>Access denied</h1>", 403)


# A day of looks in one process: what a pass does, without starting the product for each.
LOOKS = """
import queue, sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.parsers import ParserPool
from crawler.run import Calls, CrawlThread
from crawler.work import Work
from store.alerts import DEFAULT_RULES
from store.archive import open_archive
from store.config import CrawlConfig
from store.telling import Telling
place, host, times = sys.argv[1:]
now, told = lambda: datetime.now(UTC), queue.Queue()
archive = open_archive(Path(place), create=True)
archive.watch_articles([f"http://{host}/crane"], acted_at=now())
config = CrawlConfig(allow_hosts=(host,))
with ParserPool(1) as pool:
    work = Work(archive, config, Telling(DEFAULT_RULES, ""), now, told.put, reader=pool)
    crawl = CrawlThread(config, pool, Calls(work.seen, work.polled), now)
    crawl.start()
    for _ in range(int(times)):
        crawl.submit(work.everything())
        seen = told.get(timeout=60)
        print(seen.outcome, seen.event, seen.version, seen.changes, seen.alerts, flush=True)
    crawl.finish()
    work.close()
"""


def test_three_walls_in_a_row_are_told_once_as_hidden_and_never_as_an_edit(
    origin: Origin, tmp_path: Path
) -> None:
    shown = (PAGE, COOKIES, REFUSAL, COOKIES, REFUSAL, PAGE)
    origin.pages["/crane"] = lambda n: shown[n - 1]
    done = subprocess.run(
        [sys.executable, "-c", LOOKS, str(tmp_path / "a.duckdb"), origin.host, str(len(shown))],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "read None 1 0 0",
        "blocked None None 0 0",
        "blocked None None 0 0",
        "blocked hidden None 0 0",
        "blocked None None 0 0",
        "unchanged None None 0 0",
    ], done.stderr
