"""Whose turn it is among the sources, and what wakes one before its turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from crawler.discovery import PollDue
from crawler.policy import Pace, paces
from crawler.source_policy import NextPoll, SourceHistory, next_poll, poll_gap
from store.address import host_of
from store.archive import Archive
from store.config import CrawlConfig
from store.model import SourceKind
from store.polls import Poll

CALLED_SHARE = 0.25
"""However often a hub calls, a source is asked because of it no sooner than after this share of the
least gap between two polls: half a minute."""
_CALLED = "Its hub says that it changed."


class Sources:
    """The watched sources, as far as the archive tells. Safe from several threads."""

    def __init__(self, archive: Archive, config: CrawlConfig, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._pace_of = paces(config.allow_hosts)
        self._now = now
        self._out: set[int] = set()
        self._called: set[int] = set()
        self._lock = threading.Lock()

    def due(self, *, every: bool = False) -> list[PollDue]:
        """Return the sources to ask now, none twice until heard; ``every`` asks all of them."""
        now = self._now()
        rows = self._archive.query("FROM poll_list")
        with self._lock:
            wanted = [
                _due(row, turn)
                for row in rows
                if row["source_id"] not in self._out
                and ((turn := self._turn(row, now)).due_at <= now or every)
            ]
            self._out.update(due.source_id for due in wanted)
            self._called.difference_update(due.source_id for due in wanted)
        return wanted

    def call(self, source: int) -> None:
        """Ask a source soon: its hub says that it changed."""
        with self._lock:
            self._called.add(source)

    def heard(self, poll: Poll) -> None:
        """Know that a source has answered, and may be asked again in its turn."""
        with self._lock:
            self._out.discard(poll.source_id)

    def next_polls(self) -> dict[int, datetime]:
        """Return when each watched source is asked next."""
        now, rows = self._now(), self._archive.query("FROM poll_list")
        with self._lock:
            return {row["source_id"]: self._turn(row, now).due_at for row in rows}

    def requests_a_day(self) -> dict[str, float]:
        """Return how many requests a day the sources of each host take."""
        spent: dict[str, float] = {}
        for row in self._archive.query("FROM poll_list"):
            host = host_of(row["address"])
            gap = poll_gap(_history(row), self._pace_of(host))
            spent[host] = spent.get(host, 0.0) + timedelta(days=1) / gap
        return spent

    def _turn(self, row: dict[str, Any], now: datetime) -> NextPoll:
        pace: Pace = self._pace_of(host_of(row["address"]))
        last = row["last_poll_at"]
        turn = next_poll(_history(row), pace, now)
        if row["source_id"] not in self._called or row["failures"] or last is None:
            return turn
        called_at = last + pace.poll_least * CALLED_SHARE
        return NextPoll(called_at, _CALLED) if called_at < turn.due_at else turn


def _due(row: dict[str, Any], turn: NextPoll) -> PollDue:
    # The newsroom is asked as what it is to the crawl: feeds.
    kind = SourceKind.FEED if row["kind"] == SourceKind.NEWSROOM else SourceKind(row["kind"])
    return PollDue(
        row["source_id"],
        row["address"],
        kind,
        etag=row["etag"],
        last_modified=row["last_modified"],
        pattern=row["pattern"],
        is_first=not row["was_read"],
        because=turn.because,
    )


def _history(row: dict[str, Any]) -> SourceHistory:
    return SourceHistory(
        last_poll_at=row["last_poll_at"],
        failures=row["failures"],
        polls=row["polls"],
        news=row["news"],
        watched=timedelta(seconds=row["watched_seconds"]),
        not_before=row["not_before"],
        leased=row["leased"],
        pushed_at=row["pushed_at"],
        news_at=row["news_at"],
    )
