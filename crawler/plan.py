"""The plan: the agenda kept true to the archive, its model learned, its prices paid for.

Safe from several threads: whoever uses the agenda holds the lock, and learning does not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from crawler.agenda import Agenda, Entry, Look
from crawler.hazard import Looks, fit
from crawler.offers import moment_of
from crawler.policy import History, paces
from crawler.pricing import looks_a_day
from crawler.signals import precision, signals, wordings
from store import schedule
from store.archive import Archive
from store.config import CrawlConfig
from store.model import Outcome
from store.polls import Poll

LEARN_FROM = 100_000
"""Looks that the model is learned from at most, the newest ones of LEARN_DAYS."""
LEARN_DAYS = timedelta(days=30)
LEAST_STEP = timedelta(minutes=5)
"""A price does not move for less time than this: too little is spent in it to tell."""
_MOST_WORDINGS = 20_000


def crawl_delays(archive: Archive) -> dict[str, float]:
    """Return the Crawl-delays in seconds that hosts asked for."""
    rows = archive.query("SELECT host, delay_seconds FROM host_list WHERE delay_seconds > 0")
    return {row["host"]: row["delay_seconds"] for row in rows}


class Plan:
    """When every watched article is due, as far as the archive tells."""

    def __init__(
        self,
        archive: Archive,
        config: CrawlConfig,
        now: Callable[[], datetime],
        polls_a_day: Callable[[], Mapping[str, float]],
    ) -> None:
        """Plan within the budget of each host, of which ``polls_a_day`` go to its sources."""
        self._archive = archive
        self._polls_a_day = polls_a_day
        self._pace_of = paces(config.allow_hosts)
        self._now = now
        self._config = config
        self._delays: dict[str, float] = {}
        self._agenda = Agenda(self._pace_of, self.budget_of)
        self._known = schedule.Seen()
        self._priced_at = now()
        self._trust: dict[tuple[str, str], float] = {}
        self._wordings: dict[int, dict[int, int]] = {}
        self._lock = threading.Lock()

    def due(self, out: Container[int], paused: Container[str]) -> list[Look]:
        """Return the looks that are due, but for articles that are out and hosts left in peace."""
        with self._lock:
            self._catch_up()
            return self._agenda.due(self._now(), out, paused)

    def next_looks(self, articles: Iterable[int]) -> dict[int, datetime]:
        """Return when the watched ones among these articles are due."""
        with self._lock:
            return self._agenda.next_looks(articles)

    def learn(self) -> None:
        """Fit the model to what recent looks found, and see which signs proved themselves."""
        since = self._now() - LEARN_DAYS
        with self._archive.reading() as connection:
            rows = schedule.looks(connection, since, LEARN_FROM)
            counts = schedule.signal_counts(connection, since)
        with self._lock:
            self._catch_up()
            places, hosts, born, known = self._agenda.rows_of(rows.article)
        looks = Looks(
            places,
            hosts,
            born,
            rows.start,
            rows.end,
            rows.changed_before,
            rows.changes_before,
            rows.found,
        ).take(known.nonzero()[0])
        hazard = fit(looks)  # takes its time; nothing waits for it
        with self._lock:
            self._agenda.adopt(hazard, looks)
            self._trust = {key: precision(*count) for key, count in counts.items()}

    def step_prices(self) -> None:
        """Let the price of a look follow what was spent at each host."""
        reserved = self._polls_a_day()
        with self._lock:
            self._catch_up()
            self._delays = crawl_delays(self._archive)
            since, now = self._priced_at, self._now()
            if now - since >= LEAST_STEP:
                self._agenda.step_prices(since, now, reserved)
            if not since <= now < since + LEAST_STEP:  # also after the clock was set back
                self._priced_at = now

    def heed(self, poll: Poll) -> None:
        """Look now where the source says that something changed, and proved worth believing."""
        owners = self._archive.owners(link.address for link in poll.links)
        said = wordings(poll.links, owners)
        before = self._wordings.setdefault(poll.source_id, {})
        now = self._now()
        with self._lock:
            self._catch_up()
            for signal in signals(poll.links, owners, before, self._agenda.last_look, now):
                trust = self._trust.get((self._agenda.host(signal.article_id), signal.sign), 0.5)
                self._agenda.heed(signal, trust, now)
        if len(before) > _MOST_WORDINGS:
            before.clear()
        before.update(said)

    def budget_of(self, host: str) -> float:
        """The looks a day that ``host`` gets: no more than its Crawl-delay lets through."""
        pause = max(self._config.seconds_between_requests, self._delays.get(host, 0.0))
        return looks_a_day(self._config.requests_per_day, pause)

    def _catch_up(self) -> None:
        """Bring the agenda up to what the archive holds: others may write to it too."""
        if self._known == schedule.Seen():
            self._delays = crawl_delays(self._archive)
        with self._archive.reading() as connection:
            articles, seen = schedule.moved(connection, self._known)
            everything = self._known == schedule.Seen()
            rows = schedule.scheduled(connection, None if everything else articles)
            spent = schedule.requests(connection, self._known) if not everything else {}
        self._agenda.drop(set(articles) - {row["article_id"] for row in rows})
        entries = [self._entry(row, spent.get(row["article_id"], 1)) for row in rows]
        self._agenda.put(entries, self._now())
        self._known = seen

    def _entry(self, row: dict[str, Any], requests: int) -> Entry:
        last, outcome = row["last_fetch_at"], row["last_outcome"]
        confirm = last + self._pace_of(row["host"]).least if row["waiting"] and last else None
        history = History(
            first_seen_at=row["added_at"],
            published_at=moment_of(row["published"]),
            last_fetch_at=last,
            last_outcome=Outcome(outcome) if outcome else None,
            unchanged_streak=row["unchanged_streak"],
            failures_streak=row["failures_streak"],
            confirm_at=confirm,
        )
        changes = max(0, row["versions"] - 1)
        changed = row["last_change_at"]
        return Entry(row["article_id"], row["host"], history, changed, changes, requests)
