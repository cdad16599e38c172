"""The schedule in memory: what is due, why, and what moves it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from crawler.agenda import Agenda, Entry
from crawler.hazard import Looks, fit, prior
from crawler.policy import History, paces
from crawler.signals import Sign, Signal
from store.model import Outcome, Why

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def entry(
    number: int, age: float = 3, ago: float = 0, outcome: Outcome = Outcome.UNCHANGED,
    host: str = "n.example",
) -> Entry:  # fmt: skip
    """An article met ``age`` hours ago and last looked at ``ago`` hours ago."""
    history = History(NOW - timedelta(hours=age), None, NOW - timedelta(hours=ago), outcome)
    return Entry(number, host, history)


def agenda(*entries: Entry, budget: float = 5_000.0) -> Agenda:
    made = Agenda(paces(("own.example",)), lambda _: budget)
    made.put(entries, NOW)
    return made


def gap(made: Agenda, article: int = 1) -> timedelta:
    """How long after NOW an article is due, to the minute."""
    for minutes in range(60 * 24 * 30):
        due = made.due(NOW + timedelta(minutes=minutes))
        if article in [look.article_id for look in due]:
            return timedelta(minutes=minutes)
    raise AssertionError("it is never due")


def on_a_busy_host(*entries: Entry, budget: float = 5_000.0) -> Agenda:
    """An agenda with a hundred fresh articles more, where nothing is expected of article 2."""
    fresh = [entry(n, 0.3 + n / 100, ago=0) for n in range(100, 200)]
    made = agenda(*entries, *fresh, budget=budget)
    places, hosts, born, _ = made.rows_of(np.full(500, 2))
    none = np.zeros(500, dtype=np.int64)
    looks = Looks(
        places, hosts, born, born, born + 3_600, np.full(500, np.nan), none, none.astype(bool)
    )
    made.adopt(prior(), looks)
    return made


def test_deadlines_come_first_then_the_most_overdue() -> None:
    never = replace(entry(4), history=History(NOW - timedelta(hours=1)))
    late = [entry(1, 3, 1.6), entry(2, 3, 1.6), entry(3, 3, 1.7)]
    looks = on_a_busy_host(*late, never).due(NOW)
    assert [look.article_id for look in looks] == [2, 3, 1, 4]
    assert [look.why for look in looks] == [Why.DEADLINE, Why.DUE, Why.DUE, Why.FIRST]


def test_every_look_says_in_one_sentence_why_it_is_made() -> None:
    never = replace(entry(4), history=History(NOW - timedelta(hours=2)))
    gone = entry(5, 3, 1, Outcome.GONE)
    made = on_a_busy_host(entry(1, 3, 1.6), entry(2, 3, 1.6), never, gone)
    told = {look.article_id: look.because for look in made.due(NOW)}
    assert "unseen changes were expected by now" in told[1]
    assert told[2] == "The longest gap allowed at its age, 1.0 hours, had passed."
    assert told[4] == "It was never looked at before."
    assert "another one soon" in told[5]
    assert all(text.endswith(".") and "\n" not in text for text in told.values())


def test_an_article_no_longer_watched_is_never_due_and_comes_back_when_watched_again() -> None:
    made = agenda(entry(1, 3, 1))
    made.drop([1, 99])
    assert made.due(NOW + timedelta(days=99)) == []
    made.put([entry(1, 3, 1)], NOW)
    assert len(made.due(NOW + timedelta(days=99))) == 1


def test_hosts_of_ones_own_keep_their_quick_pace() -> None:
    made = agenda(entry(1, host="own.example"))
    assert [look.article_id for look in made.due(NOW + timedelta(seconds=5))] == [1]
    assert made.last_look(1) is None, "signs would come too late there"


def test_a_dearer_host_is_looked_at_more_seldom_and_the_price_comes_down_when_little_is_spent() -> (
    None
):
    crowd = [entry(n, 3 + n / 100) for n in range(1, 301)]
    thin, rich = agenda(*crowd, budget=2_000), agenda(*crowd, budget=20_000)
    assert gap(thin) > 1.5 * gap(rich)
    before = gap(thin)
    for step in range(8):
        made_at = NOW + step * QUARTER
        thin.step_prices(made_at - QUARTER, made_at, {})
    assert gap(thin) < before


def test_what_sources_take_of_a_host_is_not_there_for_articles() -> None:
    crowd = [entry(n, 3 + n / 100, ago=0.2) for n in range(1, 301)]
    alone, shared = agenda(*crowd, budget=9_000), agenda(*crowd, budget=9_000)
    for made, polls in ((alone, 0.0), (shared, 3_000.0)):
        made.put([entry(n, 3 + n / 100) for n in range(1, 100)], NOW)
        made.step_prices(NOW - QUARTER, NOW, {"n.example": polls})
    assert gap(shared) > gap(alone)


def test_an_article_of_three_pages_is_charged_three_requests() -> None:
    crowd = [entry(n, 3 + n / 100, ago=0.2) for n in range(1, 301)]
    single, threefold = agenda(*crowd, budget=9_000), agenda(*crowd, budget=9_000)
    for made, requests in ((single, 1), (threefold, 3)):
        again = [replace(entry(n, 3 + n / 100), requests=requests) for n in range(1, 200)]
        made.put(again, NOW)
        made.step_prices(NOW - QUARTER, NOW, {})
    assert gap(threefold) > gap(single)


def test_a_thin_budget_stretches_the_deadlines_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        made = on_a_busy_host(entry(2, 3, 1.6), budget=2_500)
    assert "most at n.example" in caplog.text
    assert "requests_per_day" in caplog.text
    assert made.due(NOW) == []
    (look,) = [each for each in made.due(NOW + timedelta(hours=1)) if each.article_id == 2]
    assert look.why is Why.DEADLINE
    assert "stretched to fit the host's budget" in look.because


def test_a_sign_of_a_change_makes_an_article_due_where_it_is_worth_a_look() -> None:
    made = agenda(entry(1, 30), entry(2, 30))
    assert made.due(NOW) == []
    assert made.heed(Signal(1, Sign.STAMP), 0.5, NOW)
    assert not made.heed(Signal(2, Sign.STAMP), 0.0, NOW)
    (look,) = made.due(NOW)
    assert (look.article_id, look.why, look.signal) == (1, Why.SIGNAL, "stamp")
    made.step_prices(NOW - QUARTER, NOW, {})
    assert len(made.due(NOW)) == 1, "what a sign made due stays due"
    made.put([entry(1, 30)], NOW)
    assert made.due(NOW) == []


def test_what_was_learned_moves_every_article_of_the_outlet() -> None:
    made = agenda(entry(1, 3), entry(2, 3, host="m.example"))
    before = gap(made)
    places, hosts, born, known = made.rows_of(np.array([1, 2, 3]))
    assert list(known) == [True, True, False]
    count = 200  # looks ten minutes apart, at n.example every one a change, elsewhere none
    start = NOW.timestamp() - 3 * 3600 + np.arange(count) % 18 * 600.0
    which = np.arange(count) % 2
    looks = Looks(
        places[which], hosts[which], born[which], start, start + 600,
        np.full(count, np.nan), np.zeros(count, dtype=np.int64), which == 0,
    )  # fmt: skip
    made.adopt(fit(looks), looks)
    assert gap(made) < before
    assert gap(made, 2) > before


class Crawl:
    """An agenda under a clock that runs fast, at an outlet with so many new articles a day."""

    def __init__(self, budget: float, articles_a_day: int, seed: int) -> None:
        self.agenda = Agenda(paces(()), lambda _: budget)
        self.rng = np.random.default_rng(seed)
        self.every = 86_400 / articles_a_day
        self.met: list[datetime] = []
        self.last: list[datetime] = []
        self.spent: list[datetime] = []
        self.longest = 0.0  # gap, in deadlines

    def run(self, days: int) -> None:
        steps = days * 96
        for step in range(steps):
            start = NOW + step * QUARTER
            for minute in range(0, 15, 3):
                self.pass_by(start + timedelta(minutes=minute))
            self.agenda.step_prices(start, start + QUARTER, {})

    def pass_by(self, now: datetime) -> None:
        while len(self.met) * self.every <= (now - NOW).total_seconds():
            self.met.append(now)
            self.last.append(now)
            self.agenda.put([Entry(len(self.met), "n.example", History(now))], now)
        for look in self.agenda.due(now):
            place = look.article_id - 1
            if look.why is not Why.FIRST:
                age = self.last[place] - self.met[place]
                allowed = max(timedelta(hours=1), age / 2)
                self.longest = max(self.longest, (now - self.last[place]) / allowed)
            found = self.rng.random() < 0.15
            outcome = Outcome.READ if found else Outcome.UNCHANGED
            history = History(self.met[place], None, now, outcome)
            self.last[place] = now
            self.spent.append(now)
            self.agenda.put([Entry(look.article_id, "n.example", history)], now)


def test_a_host_is_asked_as_often_a_day_as_its_budget_says() -> None:
    crawl = Crawl(budget=1_500, articles_a_day=60, seed=1)
    crawl.run(days=4)
    days = Counter((moment - NOW).days for moment in crawl.spent)
    for day in (1, 2, 3):  # on the first day there is little to look at
        assert abs(days[day] / 1_500 - 1) < 0.1, days
    assert crawl.longest <= 1.1, "five minutes late at most, where looks are an hour apart"


def of_all_ages(articles: int) -> Agenda:
    ages = np.geomspace(0.2, 90 * 24, articles)
    return agenda(
        *(entry(n, age, age / 10, host=f"n{n % 50}.example") for n, age in enumerate(ages, 1)),
        budget=1e5,
    )


def seconds(call: Callable[[], object]) -> float:
    """Processor seconds, the smallest of three."""

    def once() -> float:
        start = time.process_time()
        call()
        return time.process_time() - start

    return min(once() for _ in range(3))


def test_scheduling_ten_times_the_articles_takes_about_ten_times_as_long() -> None:
    small, large = of_all_ages(2_000), of_all_ages(20_000)

    def anew(made: Agenda) -> float:
        return seconds(lambda: made.step_prices(NOW - QUARTER, NOW, {}))

    assert anew(large) < 25 * anew(small)
    asking = seconds(lambda: large.due(NOW - timedelta(days=900)))
    assert asking * 20 < anew(large)


def test_the_same_history_gives_the_same_schedule() -> None:
    later = NOW + timedelta(hours=6)
    assert of_all_ages(500).due(later) == of_all_ages(500).due(later)
