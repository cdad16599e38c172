"""Alerts under ``kill -9``: records and delivers, is killed at random, and counts.

    .venv/bin/python benchmarks/alerts.py [KILLS [SEED]]

A child process records corrections into an archive, two of an article in a burst, and delivers
their alerts to three receivers in a third process: one takes everything, one refuses (429, 503),
stalls or breaks off after it took the message, by chance, and one hangs for ever, having taken the
message or not. The child is killed at random moments. At the end all is delivered without kills,
and what arrived is held against what was recorded. Prints one JSON object; ends with 1 where an
alert was lost, invented or changed on its way, or came again in another message, so that nobody
could tell.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crawler import deliver
from crawler.deliver import Channel, Postman
from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.compare import compare
from store.config import AlertsConfig, ChannelConfig
from store.model import (
    Block,
    BlockKind,
    Document,
    Fetch,
    Note,
    NoteKind,
    Outcome,
    Place,
    Rule,
    Snapshot,
    Why,
)
from store.outbox import TRIES
from store.pacing import id_of
from store.telling import Telling

KILLS = 1000
MOST_RECORDINGS = 4  # of a child before it is killed: an article, and the first of the next
LONGEST_PAUSE = 0.2  # seconds after the last of them
HANGS = 3600.0
START = datetime(2026, 1, 1, tzinfo=UTC)
FAULTS = ("untold", "lost", "invented", "altered", "sent_again_untellable")
CHANNELS = ("good", "bad", "stuck")


# -- the receivers, in a process of their own ------------------------------------------------


class _Receiver(BaseHTTPRequestHandler):
    taken: list[tuple[str, str, str]] = []  # noqa: RUF012  (one list for all requests)
    healed = False
    chance = random.Random(7)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        channel = self.path.strip("/")
        if channel == "stuck" and not self.healed:
            if self.chance.random() < 0.5:
                self.taken.append((channel, self.headers["Idempotency-Key"], body.decode()))
            time.sleep(HANGS)
            return None
        fate = 1.0 if channel.startswith("good") or self.healed else self.chance.random()
        if fate < 0.5:
            return self._answer(429 if fate < 0.25 else 503)
        self.taken.append((channel, self.headers["Idempotency-Key"], body.decode()))
        if fate < 0.6:
            self.connection.close()  # took it, and broke off
            return None
        if fate < 0.65:
            time.sleep(1)
        return self._answer(200)

    def do_GET(self) -> None:
        type(self).healed = True
        body = json.dumps(self.taken).encode()
        self._answer(200, body)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # whoever asked was killed
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def receive(port: Any) -> None:
    """Be the receivers; ``port`` is told where. A channel named good… takes everything."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    port.value = server.server_port
    server.serve_forever()


# -- the child -------------------------------------------------------------------------------


def _document(address: str, number: int, corrections: int) -> Document:
    text = "The council counted {} boats in the harbour on the first day of the month."
    blocks = [Block(BlockKind.PARAGRAPH, text.format(number + corrections))]
    said = [
        f"Correction: An earlier version of this article said {number + n} boats."
        for n in range(corrections)
    ]
    blocks += [Block(BlockKind.NOTE, words) for words in said]
    notes = tuple(
        Note(NoteKind.CORRECTION, words, Place.END, "en", "en/correction-label", n)
        for n, words in enumerate(said, 1)
    )
    return Document(address, f"Boats, day {number}", tuple(blocks), notes=notes)


def _snapshots(number: int, now: datetime) -> Iterator[Snapshot]:
    address = f"https://harbour.example/{number}"
    for corrections in range(3):
        at = now + timedelta(seconds=corrections)
        fetch = Fetch(
            article_id(address), at, at, Why.DUE, Outcome.READ, "article", "Read.", status=200
        )
        yield Snapshot(fetch, document=_document(address, number, corrections))


class _Clock:
    """Runs a thousand times as fast, so that waits between tries pass."""

    def __call__(self) -> datetime:
        return START + timedelta(seconds=1000 * (time.time() % 10**7))


def _work(path: Path, channels: dict[str, Channel], first: int, progress: int) -> None:
    rules = (Rule(DEFAULT_RULES[0].name, channels=CHANNELS),)
    archive = open_archive(path)
    clock = _Clock()
    with Postman(archive, channels, clock) as postman:
        for number in range(first, first + 100):
            for snapshot in _snapshots(number, clock()):
                address = f"https://harbour.example/{number}"
                archive.watch_article(address, acted_at=START)
                archive.record([snapshot], Telling(rules, "http://127.0.0.1:8501"))
                os.write(progress, b".")
                postman.tick()


def _kill_one(
    path: Path, channels: dict[str, Channel], first: int, records: int, pause: float
) -> None:
    """Kill a child ``pause`` seconds after its so-manieth recording."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _work(path, channels, first, writes)
        finally:
            os._exit(1)
    os.close(writes)
    done = 0
    while done < records and (seen := os.read(reads, records - done)):
        done += len(seen)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reads)


# -- the whole -------------------------------------------------------------------------------


def measure(kills: int, folder: Path, seed: int = 1) -> dict[str, int]:
    """Kill a child so many times and return the counts."""
    chance = random.Random(seed)
    port = multiprocessing.get_context("spawn").Value("i", 0)
    receiver = multiprocessing.get_context("spawn").Process(
        target=receive, args=(port,), daemon=True
    )
    receiver.start()
    while not port.value:
        time.sleep(0.01)
    channels = _channels(port.value)
    path = folder / "alerts.duckdb"
    open_archive(path, create=True)
    compare(*(_document("https://harbour.example/", 0, corrections) for corrections in (0, 1)))
    for kill in range(kills):
        records, pause = chance.randint(0, MOST_RECORDINGS), chance.uniform(0, LONGEST_PAUSE)
        _kill_one(path, channels, 100 * kill, records, pause)
    taken = _drain(open_archive(path), channels, port.value)
    receiver.terminate()
    return _counted(open_archive(path), taken) | {"kills": kills}


def _channels(port: int) -> dict[str, Channel]:
    """The channels; Apprise reads all its services in here, once, and not in every child."""
    addresses = {name: f"json://127.0.0.1:{port}/{name}" for name in CHANNELS}
    configured = [ChannelConfig(name=name, url=address) for name, address in addresses.items()]
    return deliver.channel_addresses(AlertsConfig(channels=tuple(configured)), {})


def _drain(archive: Archive, channels: dict[str, Channel], port: int) -> list[tuple[str, str, str]]:
    import httpx  # noqa: PLC0415  (after the forks)

    httpx.get(f"http://127.0.0.1:{port}/")  # from now on all take everything
    deliver.REST_SECONDS = 0.0  # there is no crawl to spare
    later = START + timedelta(days=400 * 365)  # after every wait on the children's fast clock
    with Postman(archive, channels, lambda: later) as postman:
        for _ in range(2):  # the second round is for what waited
            postman.tick()
            postman.finish()
    return [tuple(one) for one in httpx.get(f"http://127.0.0.1:{port}/", timeout=60).json()]


def _counted(archive: Archive, taken: list[tuple[str, str, str]]) -> dict[str, int]:
    corrections = archive.query("SELECT article FROM change_list WHERE kind = 'correction'")
    alerts = {row["body"]: row["alert_id"] for row in archive.query("FROM alert_list")}
    parked = _parked(archive)
    told: dict[tuple[str, str], set[str]] = {}  # by channel and alert: the messages that told it
    bodies: dict[str, set[str]] = {}
    invented = 0
    for channel, key, body in taken:
        bodies.setdefault(key, set()).add(body)
        said = json.loads(body)["message"].split("\n\n----\n\n")
        ids = [alerts.get(one, "") for one in said]
        invented += key != id_of(ids)
        for alert in ids:
            told.setdefault((channel, alert), set()).add(key)
    expected = {(channel, alert) for channel in CHANNELS for alert in alerts.values()} - parked
    return {
        "corrections": len(corrections),
        "alerts": len(alerts),
        "messages": len(bodies),
        "untold": len(corrections) - len(alerts),
        "lost": len(expected - told.keys()),
        "invented": invented,
        "altered": sum(len(said) > 1 for said in bodies.values()),
        "parked": len(parked),
        "sent_again": len(taken) - len({(channel, key) for channel, key, _ in taken}),
        "sent_again_untellable": sum(len(keys) - 1 for keys in told.values()),
    }


def _parked(archive: Archive) -> set[tuple[str, str]]:
    """Deliveries that were given up after as many refusals as there are tries: shown, not lost."""
    rows = archive.query(
        """SELECT channel, alert_id FROM delivery_list GROUP BY channel, alert_id
           HAVING count(*) >= ? AND NOT bool_or(outcome = 'sent')""",
        [TRIES],
    )
    return {(row["channel"], row["alert_id"]) for row in rows}


def main(words: list[str]) -> int:
    """Measure, print, and return the exit code."""
    kills = int(words[0]) if words else KILLS
    seed = int(words[1]) if len(words) > 1 else 1
    with tempfile.TemporaryDirectory() as folder:
        found = measure(kills, Path(folder), seed)
    print(json.dumps(found))
    return int(any(found[name] for name in FAULTS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
