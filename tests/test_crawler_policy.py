"""When to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.hazard import Articles, prior
from crawler.policy import (
    PATIENT,
    QUICK,
    History,
    Pace,
    born_at,
    fixed_look,
    longest_gaps,
    paces,
    worthwhile_gaps,
)
from store.model import Outcome, Why

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
HISTORY = History(
    first_seen_at=NOW - timedelta(hours=3), last_fetch_at=NOW, last_outcome=Outcome.UNCHANGED
)


def look(history: History, pace: Pace = PATIENT, now: datetime = NOW) -> tuple[datetime, Why]:
    found = fixed_look(history, pace, now)
    assert found is not None
    return found


def worthwhile(
    age: timedelta, price: float, stretch: float = 1.0, jitter: float = 1.0
) -> tuple[timedelta, bool]:
    """The gap after a look at an article of this age that never changed, and whether forced."""
    last = NOW.timestamp()
    article = Articles(
        np.array([last - age.total_seconds()]),
        np.array([last]),
        np.array([np.nan]),
        np.zeros(1, dtype=np.int64),
        np.ones(1),
    )
    gap, forced = worthwhile_gaps(
        prior(), article, np.array([price]), np.array([stretch]), PATIENT, jitter=jitter
    )
    return timedelta(seconds=float(gap[0])), bool(forced[0])


def test_an_article_never_looked_at_is_due_at_once() -> None:
    new = replace(HISTORY, last_fetch_at=None, last_outcome=None)
    assert look(new) == (new.first_seen_at, Why.FIRST)


def test_what_was_read_waits_until_a_look_is_worth_its_price() -> None:
    for outcome in (Outcome.READ, Outcome.UNCHANGED):
        assert fixed_look(replace(HISTORY, last_outcome=outcome), PATIENT, NOW) is None
    cheap, dear = (worthwhile(timedelta(minutes=20), price)[0] for price in (0.004, 0.02))
    assert timedelta(minutes=2) < cheap < dear < timedelta(hours=1)


def test_a_deadline_bounds_the_gap_by_the_age_whatever_a_look_costs() -> None:
    for age, longest in ((0.2, 1.0), (2.0, 1.0), (3.0, 1.5), (48.0, 24.0)):
        gap, forced = worthwhile(timedelta(hours=age), price=1e6)
        assert (gap, forced) == (timedelta(hours=longest), True)


def test_jitter_moves_no_look_past_its_deadline() -> None:
    assert worthwhile(timedelta(hours=3), 1e6, jitter=1.05)[0] == timedelta(hours=1.5)
    early, late = (worthwhile(timedelta(hours=3), 0.02, jitter=j)[0] for j in (0.95, 1.05))
    assert early < late


def test_a_thin_budget_stretches_the_deadlines() -> None:
    assert worthwhile(timedelta(hours=3), 1e6, stretch=2.0)[0] == timedelta(hours=3)


def test_age_begins_at_publication_but_an_old_article_is_watched_all_the_same() -> None:
    published = HISTORY.first_seen_at - timedelta(hours=5)
    assert born_at(replace(HISTORY, published_at=published), PATIENT) == published
    assert born_at(replace(HISTORY, published_at=published), QUICK) == HISTORY.first_seen_at
    later = replace(HISTORY, published_at=HISTORY.first_seen_at + timedelta(days=1))
    assert born_at(later, PATIENT) == HISTORY.first_seen_at
    ancient = replace(HISTORY, published_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert HISTORY.first_seen_at - born_at(ancient, PATIENT) <= timedelta(days=2)


def test_looking_to_ninety_days_costs_about_twenty_looks_on_the_tail() -> None:
    age, looks = timedelta(0), 0
    while age < timedelta(days=90):
        age += worthwhile(age, price=1e6)[0]
        looks += 1
    assert 15 <= looks <= 22
    assert worthwhile(timedelta(days=91), 0.004)[0] == PATIENT.tail


def test_trouble_backs_off_and_comes_to_a_bound() -> None:
    failing = replace(HISTORY, last_outcome=Outcome.FAILED)
    gaps = [look(replace(failing, failures_streak=n))[0] - NOW for n in (1, 2, 3, 1000)]
    assert gaps == [timedelta(minutes=m) for m in (5, 10, 20, 360)]


def test_a_removal_is_confirmed_three_times_within_a_day_then_weekly() -> None:
    history, when, reasons = replace(HISTORY, last_outcome=Outcome.GONE), NOW, []
    for n in range(1, 5):
        history = replace(history, failures_streak=n, last_fetch_at=when)
        when, why = look(history, now=when)
        reasons.append(why)
    assert reasons == [Why.CONFIRM, Why.CONFIRM, Why.CONFIRM, Why.DUE]
    assert when - NOW > timedelta(days=7)
    assert when - NOW < timedelta(days=8, hours=1)


def test_a_wall_is_not_run_against_again_and_again() -> None:
    for outcome in (Outcome.REFUSED, Outcome.BLOCKED):
        walled = replace(HISTORY, last_outcome=outcome, failures_streak=1)
        assert look(walled)[0] - NOW == PATIENT.refused


def test_a_second_look_comes_when_it_is_wanted() -> None:
    odd = replace(HISTORY, confirm_at=NOW + timedelta(minutes=10))
    assert look(odd) == (NOW + timedelta(minutes=10), Why.CONFIRM)
    held = replace(HISTORY, last_outcome=Outcome.HELD)
    assert look(held) == (NOW + PATIENT.odd, Why.CONFIRM)


def test_after_a_clock_was_set_back_everything_is_due_at_once() -> None:
    future = replace(HISTORY, last_fetch_at=NOW + timedelta(days=400))
    odd = replace(future, confirm_at=NOW + timedelta(days=400))
    assert look(future) == (NOW, Why.DUE)
    assert look(odd) == (NOW, Why.DUE)


def test_hosts_of_ones_own_are_looked_at_within_seconds_for_the_first_minutes() -> None:
    pace = paces(("127.0.0.1:8899",))("127.0.0.1:8899")
    assert pace is QUICK
    assert paces(("127.0.0.1:8899",))("127.0.0.1:8898") is PATIENT
    history = replace(HISTORY, first_seen_at=NOW, published_at=NOW - timedelta(days=30))
    when = NOW
    for n in range(22):
        history = replace(history, last_fetch_at=when, unchanged_streak=n)
        later, _ = look(history, pace, when)
        assert later - when <= timedelta(seconds=12)
        when = later


@settings(deadline=None)  # the machine may be busy
@given(
    st.sampled_from(list(Outcome)),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.timedeltas(timedelta(0), timedelta(days=4000)),
    st.sampled_from([PATIENT, QUICK]),
)
def test_a_fixed_look_always_comes_within_the_bound_and_never_at_once(
    outcome: Outcome, unchanged: int, failures: int, age: timedelta, pace: Pace
) -> None:
    history = replace(
        HISTORY,
        first_seen_at=NOW - age,
        last_outcome=outcome,
        unchanged_streak=unchanged,
        failures_streak=failures,
    )
    found = fixed_look(history, pace, NOW)
    if found is None:
        assert pace is PATIENT
        assert outcome in {Outcome.READ, Outcome.UNCHANGED, Outcome.MOVED}
        return
    gap = found[0] - NOW
    assert timedelta(seconds=2) <= gap <= timedelta(days=90)


@settings(deadline=None)
@given(
    st.timedeltas(timedelta(0), timedelta(days=4000)),
    st.floats(1e-6, 1e6),
    st.floats(1, 100),
    st.floats(0.95, 1.05),
)
def test_no_deadline_is_ever_broken(
    age: timedelta, price: float, stretch: float, jitter: float
) -> None:
    gap, _ = worthwhile(age, price, stretch, jitter)
    if age <= PATIENT.horizon:
        longest = float(longest_gaps(np.array([age.total_seconds()]), PATIENT)[0])
        assert PATIENT.least.total_seconds() <= gap.total_seconds() <= longest * stretch + 1e-3
    else:
        assert gap == PATIENT.tail
