"""Ten thousand alerts at once beside a crawl: how much it slows, and whether all are told.

    python -m benchmarks.alerts_drain [--alerts 10000] [--pages 1200] [--pairs 4]

The crawl is the whole product over loopback (``refetch_rivals.Product``), its rounds timed before,
while and after the postman is at work in the same process. Three channels: one takes alerts as
they come, one at most ten messages an hour, one hourly digests. Then the rest is delivered without
a crawl, the clock moved on by the hour, and what arrived is held against what was raised. Prints
one JSON object; ends with 1 where an alert was lost, told twice or invented, or a limit was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.alerts import receive
from benchmarks.refetch_origin import Stage
from benchmarks.refetch_rivals import Product
from benchmarks.refetch_speed import addresses_at, origin
from crawler import deliver
from crawler.deliver import Channel, Postman
from crawler.run import DELIVERY_SECONDS
from store.archive import Archive, open_archive
from store.pacing import Pace

MOST_PER_HOUR = 10
SETTLED_SECONDS = 5.0  # until what waits was looked through, once
PACES = {
    "each": Pace(),
    "limited": Pace(most_per_hour=MOST_PER_HOUR),
    "digest": Pace(digest=timedelta(hours=1)),
}
_RAISE = """
    INSERT INTO alerts
    SELECT sha256('alert ' || n), 'benchmark', 1 + n, 1, 'correction', 'Alert ' || n, 'It fired.',
           'Alert number ' || n || '.' || repeat(' The port counted its ferries.', 20)
           || chr(10) || chr(10) || 'Compare: http://x/' || n, 'http://x/' || n, ?, ?
    FROM range(?) r(n)
"""


class _Clock:
    """Real time, moved on by hours at the end."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def flood(archive: Archive, count: int) -> None:
    """Raise so many alerts at once, each of an article of its own."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with archive._sessions.writing() as connection:
        connection.execute(_RAISE, [list(PACES), now, count])


@contextmanager
def delivering(archive: Archive, channels: dict[str, Channel], clock: _Clock) -> Iterator[None]:
    """Let a postman tick meanwhile, as the schedule of ``up`` has it."""
    over = threading.Event()

    def tick() -> None:
        with Postman(archive, channels, clock) as postman:
            postman.tick()
            while not over.wait(DELIVERY_SECONDS):
                postman.tick()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def measure(alerts: int, pages: int, pairs: int, folder: Path) -> dict[str, Any]:
    """Return the crawl's speed without and with deliveries, and what became of the alerts."""
    port = get_context("spawn").Value("i", 0)
    receiver = get_context("spawn").Process(target=receive, args=(port,), daemon=True)
    receiver.start()
    while not port.value:
        time.sleep(0.01)
    at = f"127.0.0.1:{port.value}"
    channels = {name: Channel(f"json://{at}/good-{name}", pace) for name, pace in PACES.items()}
    clock = _Clock()
    with origin(pages) as served:
        product = Product(addresses_at(served, pages), folder)
        archive = open_archive(folder / "measured.duckdb")
        urllib.request.urlopen(f"http://127.0.0.2:{served}/~stage/{Stage.SAME_BYTES}").close()
        _look(product, pages)
        _look(product, pages)
        alone = [_look(product, pages) for _ in range(pairs)]
        flood(archive, alerts)
        with delivering(archive, channels, clock):
            time.sleep(SETTLED_SECONDS)
            beside = [_look(product, pages) for _ in range(pairs)]
        alone += [_look(product, pages) for _ in range(pairs)]
        product.close()
    sent_beside = _taken(at)
    _drain(archive, channels, clock)
    kept = median(one.wall for one in alone) / median(one.wall for one in beside)
    return {
        "alerts": alerts,
        "pages_a_second_alone": round(pages / median(one.wall for one in alone), 1),
        "pages_a_second_delivering": round(pages / median(one.wall for one in beside), 1),
        "cpu_ms_a_page_alone": round(1e3 * median(one.cpu for one in alone) / pages, 2),
        "cpu_ms_a_page_delivering": round(1e3 * median(one.cpu for one in beside) / pages, 2),
        "speed_kept": round(kept, 3),
        "seconds_alone": [round(one.wall, 2) for one in alone],
        "seconds_delivering": [round(one.wall, 2) for one in beside],
        "messages_sent_beside": len(sent_beside),
        **_counted(_taken(at), alerts),
    }


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds passed, and processor seconds of this process."""

    wall: float
    cpu: float


def _look(product: Product, pages: int) -> Took:
    begun, used = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        product.look(pages)
    return Took(time.perf_counter() - begun, time.process_time() - used)


def _drain(archive: Archive, channels: dict[str, Channel], clock: _Clock) -> None:
    """Deliver what is left: without a crawl nobody needs to be spared."""
    deliver.REST_SECONDS = 0.0
    with Postman(archive, channels, clock) as postman:
        for _ in range(3):
            postman.tick()
            postman.finish()
            clock.ahead += timedelta(hours=1, minutes=1)


def _taken(at: str) -> list[list[str]]:
    with urllib.request.urlopen(f"http://{at}/") as answer:
        found: list[list[str]] = json.load(answer)
    return found


def _counted(taken: list[list[str]], alerts: int) -> dict[str, int]:
    messages = Counter(channel for channel, _, _ in taken)
    each = Counter(key for channel, key, _ in taken if channel == "good-each")
    named = Counter(
        title.split(" alerts: ")[0] if " alerts: " in title else "1"
        for channel, title in ((one[0], json.loads(one[2])["title"]) for one in taken)
        if channel == "good-digest"
    )
    return {
        "told_each": len(each),
        "lost": alerts - len(each),
        "twice": sum(count - 1 for count in each.values()),
        "messages_limited": messages["good-limited"],
        "messages_digest": messages["good-digest"],
        "told_in_digests": sum(int(name) * count for name, count in named.items()),
    }


def main() -> int:
    """Measure, print, and return the exit code."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--alerts", type=int, default=10_000)
    asked.add_argument("--pages", type=int, default=1200)
    asked.add_argument("--pairs", type=int, default=4)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.alerts, given.pages, given.pairs, Path(folder))
    print(json.dumps(found))
    broken = found["lost"] or found["twice"] or found["messages_limited"] > MOST_PER_HOUR
    return int(bool(broken or found["told_in_digests"] != given.alerts))


if __name__ == "__main__":
    sys.exit(main())
