"""The schedule in memory: every watched article, and when it is due. No clock, no disk, no network.

One row an article, in columns, so that a hundred thousand are scheduled in a second. What is due
is reckoned when an article was looked at, and for all when the model or a price has moved; asking
what is due costs one comparison of numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.hazard import HOUR, Articles, Floats, Hazard, Ints, Looks, frailty, prior, rates
from crawler.hazard import expected as expected_changes
from crawler.policy import History, Pace, born_at, fixed_look, longest_gaps, worthwhile_gaps
from crawler.pricing import first_prices, next_prices, planned_share, stretches
from crawler.signals import SENTENCES, Signal
from crawler.value import MIXED
from store.model import Outcome, Why

log = logging.getLogger(__name__)

_ROW = np.dtype(
    [
        ("article", "i8"),
        ("host", "i8"),
        ("watched", "?"),
        ("priced", "?"),  # whether the worth of a look decides; else due is a fixed time
        ("born", "f8"),
        ("last", "f8"),  # of the last look; NaN: never
        ("changed", "f8"),  # when a change was seen last; NaN: never
        ("changes", "i8"),
        ("credited", "f8"),  # changes that looks found, and
        ("expected", "f8"),  # that the model expected of them
        ("due", "f8"),
        ("why", "i1"),
        ("stretch", "f8"),
    ]
)
_WHYS = tuple(Why)
_GOOD = frozenset({Outcome.READ, Outcome.UNCHANGED})
_JITTER = 0.05
"""Due times vary by this share either way, so that articles met together part."""
_TOLD_STRETCH = 1.05
"""A longer stretch of the deadlines than this is told, and again when it is half as long again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the archive knows of one watched article that its next look depends on.

    ``requests`` is what the looks since it was put last have cost its host.
    """

    article_id: int
    host: str
    history: History
    last_change_at: datetime | None = None
    changes: int = 0
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is due: why in one word and one sentence, and what sign led to it."""

    article_id: int
    host: str
    why: Why
    because: str
    signal: str | None = None


class Agenda:
    """When every watched article is due. Not safe from several threads at once.

    ``budget_of`` gives the looks a day that a host gets.
    """

    def __init__(self, pace_of: Callable[[str], Pace], budget_of: Callable[[str], float]) -> None:
        self._pace_of = pace_of
        self._budget_of = budget_of
        self._rows: NDArray[Any] = np.zeros(0, _ROW)
        self._places: dict[int, int] = {}
        self._hosts: list[str] = []
        self._host_places: dict[str, int] = {}
        self._hazard = prior()
        self._budgets: Floats = np.zeros(0)
        self._prices: Floats = np.zeros(0)
        self._stretches: Floats = np.zeros(0)
        self._told = _TOLD_STRETCH / 1.5
        self._spent: Floats = np.zeros(0)
        self._signs: dict[int, Signal] = {}

    # -- what is known ------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry], now: datetime) -> None:
        """Take in articles, new ones and those that were looked at."""
        self._make_room(entries)
        places = np.array([self._places[entry.article_id] for entry in entries], dtype=np.int64)
        self._count(places, entries)
        for place, entry in zip(places, entries, strict=True):
            self._write(int(place), entry, now)
        unpriced = np.isnan(self._prices)
        if unpriced.any():
            self._set_first_prices(np.flatnonzero(unpriced), now)
        self._reckon(places)

    def drop(self, articles: Iterable[int]) -> None:
        """Leave out articles that are no longer watched."""
        for article in articles:
            if article in self._places:
                self._rows["watched"][self._places[article]] = False
                self._signs.pop(self._places[article], None)

    def host(self, article: int) -> str:
        """Return the host of an article that is known."""
        return self._hosts[int(self._rows["host"][self._places[article]])]

    def last_look(self, article: int) -> datetime | None:
        """Return when an article was last looked at, where the worth of a look decides."""
        place = self._places.get(article)
        if place is None or not self._rows["watched"][place] or not self._rows["priced"][place]:
            return None
        return datetime.fromtimestamp(float(self._rows["last"][place]), UTC)

    def next_looks(self, articles: Iterable[int]) -> dict[int, datetime]:
        """Return when the watched ones among these articles are due, as far as is known now."""
        known = {article: self._places[article] for article in articles if article in self._places}
        return {
            article: datetime.fromtimestamp(float(self._rows["due"][place]), UTC)
            for article, place in known.items()
            if self._rows["watched"][place] and np.isfinite(self._rows["due"][place])
        }

    # -- what is due --------------------------------------------------------------------------

    def due(
        self, now: datetime, out: Container[int] = (), paused: Container[str] = ()
    ) -> list[Look]:
        """Return the looks that are due: deadlines first, then the most overdue.

        Articles in ``out`` and hosts in ``paused`` are kept back.
        """
        rows = self._rows
        places = np.flatnonzero(rows["watched"] & (rows["due"] <= now.timestamp()))
        articles, hosts = rows["article"][places].tolist(), rows["host"][places].tolist()
        free = [
            article not in out and self._hosts[host] not in paused
            for article, host in zip(articles, hosts, strict=True)
        ]
        places = places[np.array(free, dtype=bool)]
        late = rows["why"][places] != _WHYS.index(Why.DEADLINE)
        places = places[np.lexsort((rows["article"][places], rows["due"][places], late))]
        unseen = self._unseen(places, now.timestamp())
        return [self._look(int(place), x) for place, x in zip(places, unseen, strict=True)]

    def heed(self, signal: Signal, precision: float, now: datetime) -> bool:
        """Make an article due where a sign of a change is worth a look now; say whether it is.

        What a look now saves is the wait until the next one, where the sign is right.
        """
        place = self._places[signal.article_id]
        row = self._rows[place]
        wait = (row["due"] - now.timestamp()) / HOUR
        if wait <= 0 or precision * MIXED.delay * wait < self._prices[row["host"]]:
            return False
        row["due"], row["why"] = now.timestamp(), _WHYS.index(Why.SIGNAL)
        self._signs[place] = signal
        return True

    def _look(self, place: int, unseen: float) -> Look:
        row = self._rows[place]
        why, sign = _WHYS[row["why"]], self._signs.get(place)
        price = float(self._prices[row["host"]])
        because = SENTENCES[sign.sign] if sign else _because(row, why, unseen, price)
        host = self._hosts[row["host"]]
        return Look(int(row["article"]), host, why, because, sign.sign.value if sign else None)

    # -- what is learned ----------------------------------------------------------------------

    def rows_of(self, articles: Ints) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
        """Return place, host and birth of each article, and whether it is known at all."""
        places = np.array([self._places.get(int(each), -1) for each in articles], dtype=np.int64)
        known = places >= 0
        rows = self._rows[np.maximum(places, 0)] if len(self._rows) else np.zeros(len(places), _ROW)
        return places, rows["host"], rows["born"], known

    def adopt(self, hazard: Hazard, looks: Looks) -> None:
        """Take on what was learned from looks, whose articles are places here; reckon all anew."""
        self._hazard = hazard
        size = len(self._rows)
        self._rows["credited"] = np.bincount(looks.article, looks.found, size)
        self._rows["expected"] = np.bincount(looks.article, expected_changes(hazard, looks), size)
        self._stretch()
        self._reckon(np.arange(size))

    def step_prices(self, since: datetime, now: datetime, reserved: Mapping[str, float]) -> None:
        """Let each price follow what was spent since, and reckon all anew.

        ``reserved`` are requests a day that other things than articles take of a host.
        """
        self._budgets = np.array(
            [max(1.0, self._budget_of(host) - reserved.get(host, 0.0)) for host in self._hosts]
        )
        planned = self._budgets * planned_share(self._hazard, since.timestamp(), now.timestamp())
        self._prices = next_prices(self._prices, self._spent, planned)
        self._spent[:] = 0
        self._stretch()
        self._reckon(np.flatnonzero(self._rows["watched"]))

    # -- inside -------------------------------------------------------------------------------

    def _make_room(self, entries: Sequence[Entry]) -> None:
        fresh = [entry for entry in entries if entry.article_id not in self._places]
        for host in dict.fromkeys(entry.host for entry in fresh):
            if host not in self._host_places:
                self._host_places[host] = len(self._hosts)
                self._hosts.append(host)
                self._budgets = np.append(self._budgets, self._budget_of(host))
        more = len(self._hosts) - len(self._prices)
        self._prices = np.append(self._prices, np.full(more, np.nan))
        self._stretches = np.append(self._stretches, np.ones(more))
        self._spent = np.append(self._spent, np.zeros(more))
        start = len(self._places)
        self._places.update((entry.article_id, start + n) for n, entry in enumerate(fresh))
        if len(self._places) > len(self._rows):
            grown = np.zeros(2 * len(self._places), _ROW)
            grown[: len(self._rows)] = self._rows
            grown["last"][len(self._rows) :] = np.nan
            self._rows = grown
        for entry in fresh:
            row = self._rows[self._places[entry.article_id]]
            row["article"], row["host"] = entry.article_id, self._host_places[entry.host]

    def _write(self, place: int, entry: Entry, now: datetime) -> None:
        row, history, pace = self._rows[place], entry.history, self._pace_of(entry.host)
        row["watched"] = True
        row["born"] = born_at(history, pace).timestamp()
        row["last"] = _seconds(history.last_fetch_at)
        row["changed"] = _seconds(entry.last_change_at)
        row["changes"] = entry.changes
        self._signs.pop(place, None)
        fixed = fixed_look(history, pace, now)
        row["priced"] = fixed is None
        when, why = fixed or (now, Why.DUE)  # where its worth decides, it is reckoned later
        row["due"], row["why"] = when.timestamp(), _WHYS.index(why)

    def _count(self, places: Ints, entries: Sequence[Entry]) -> None:
        """Count what was spent, and what was expected of the looks that were made."""
        before = self._rows[places]
        last = np.array([_seconds(entry.history.last_fetch_at) for entry in entries])
        looked = before["watched"] & ~np.isnan(last) & (last != before["last"])
        requests = np.array([entry.requests for entry in entries], dtype=np.float64)
        np.add.at(self._spent, before["host"][looked], requests[looked])
        good = np.array([entry.history.last_outcome in _GOOD for entry in entries], dtype=bool)
        again = looked & good & (last > before["last"])
        if not again.any():
            return
        found = np.array([entry.changes for entry in entries]) > before["changes"]
        looks = Looks(
            places[again],
            before["host"][again],
            before["born"][again],
            before["last"][again],
            last[again],
            before["changed"][again],
            before["changes"][again],
            found[again],
        )
        np.add.at(self._rows["expected"], looks.article, expected_changes(self._hazard, looks))
        np.add.at(self._rows["credited"], looks.article, looks.found)

    def _articles(self, places: Ints) -> Articles:
        rows = self._rows[places]
        own = frailty(rows["credited"], rows["expected"])
        return Articles(
            rows["born"],
            rows["last"],
            rows["changed"],
            rows["changes"],
            self._hazard.of_outlet(rows["host"]) * own,
        )

    def _reckon(self, places: Ints) -> None:
        """Set when the priced ones among these articles are due, unless a sign made them due."""
        rows = self._rows
        places = places[rows["priced"][places]]
        places = places[rows["why"][places] != _WHYS.index(Why.SIGNAL)]
        if not places.size:
            return
        host, last = rows["host"][places], rows["last"][places]
        gap, forced = worthwhile_gaps(
            self._hazard,
            self._articles(places),
            self._prices[host],
            self._stretches[host],
            self._pace_of(""),
            jitter=_jitter(rows["article"][places], last),
        )
        rows["due"][places] = last + gap
        rows["stretch"][places] = self._stretches[host]
        why = np.where(forced, _WHYS.index(Why.DEADLINE), _WHYS.index(Why.DUE))
        rows["why"][places] = why

    def _set_first_prices(self, hosts: Ints, now: datetime) -> None:
        """Price hosts by what their articles would have spent by now at any price."""
        rows = self._rows
        places = np.flatnonzero(rows["watched"] & np.isin(rows["host"], hosts))
        moments = np.full((len(places), 1), now.timestamp())
        rate = rates(self._hazard, self._articles(places), moments, MIXED.correction)[:, 0]
        self._prices[hosts] = first_prices(rate, rows["host"][places], self._budgets)[hosts]
        self._stretch()

    def _stretch(self) -> None:
        """Stretch the deadlines of hosts that cannot keep them, and say so."""
        rows = self._rows[self._rows["watched"] & self._rows["priced"]]
        longest = longest_gaps(np.maximum(rows["last"] - rows["born"], 0.0), self._pace_of(""))
        self._stretches = stretches(longest, rows["host"], self._budgets)
        if self._stretches.max(initial=1.0) > 1.5 * self._told:
            worst = int(self._stretches.argmax())
            self._told = float(self._stretches[worst])
            log.warning(
                "At %d hosts more is watched than their budgets keep up with: the longest "
                "gaps between looks are stretched, most at %s, %.1f times. Raise [crawl] "
                "requests_per_day, or watch less.",
                (self._stretches > _TOLD_STRETCH).sum(),
                self._hosts[worst],
                self._told,
            )

    def _unseen(self, places: Ints, now: float) -> Floats:
        """Changes expected of each article since its last look."""
        rows = self._rows[places]
        looks = Looks(
            places,
            rows["host"],
            rows["born"],
            np.where(rows["priced"], rows["last"], now),
            np.full(len(places), now),
            rows["changed"],
            rows["changes"],
            np.zeros(len(places), dtype=bool),
        )
        own = frailty(rows["credited"], rows["expected"])
        return np.asarray(expected_changes(self._hazard, looks) * own)


def _seconds(moment: datetime | None) -> float:
    return np.nan if moment is None else moment.timestamp()


def _jitter(article: Ints, last: Floats) -> Floats:
    """A factor near 1 for each article and look, the same whenever it is asked for."""
    mixed = (article + last.astype(np.int64)) * 2_654_435_761 % 1_000
    return np.asarray(1 - _JITTER + 2 * _JITTER * mixed / 1_000)


def _because(row: Any, why: Why, unseen: float, price: float) -> str:
    if why is Why.FIRST:
        return "It was never looked at before."
    if why is Why.CONFIRM:
        return "What the last look showed asks for another one soon."
    if not row["priced"]:
        return "The usual time since the last look had passed."
    if why is Why.DEADLINE:
        stretched = ", stretched to fit the host's budget" if row["stretch"] > 1 else ""
        gap = (row["due"] - row["last"]) / HOUR
        return f"The longest gap allowed at its age, {gap:.1f} hours{stretched}, had passed."
    return (
        f"{unseen:.2f} unseen changes were expected by now, "
        f"which is worth this host's price of a look, {price:.3f}."
    )
