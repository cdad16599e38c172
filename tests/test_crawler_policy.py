"""When to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.policy import PATIENT, QUICK, History, due, next_look, next_poll, paces
from store.model import Outcome, Why

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
HISTORY = History(
    article_id=1,
    address="https://n.example/a",
    host="n.example",
    first_seen_at=NOW - timedelta(hours=3),
    last_fetch_at=NOW,
    last_outcome=Outcome.UNCHANGED,
)


def test_an_article_never_looked_at_is_due_at_once() -> None:
    new = replace(HISTORY, last_fetch_at=None, last_outcome=None)
    assert next_look(new, PATIENT, NOW) == (new.first_seen_at, Why.FIRST)


def test_the_gap_grows_with_every_unchanged_look_and_falls_back_at_a_change() -> None:
    gaps = [
        next_look(replace(HISTORY, unchanged_streak=n), PATIENT, NOW)[0] - NOW for n in range(4)
    ]
    assert gaps[0] == PATIENT.base
    assert gaps == sorted(set(gaps))
    changed = replace(HISTORY, last_outcome=Outcome.READ, changes=3)
    assert next_look(changed, PATIENT, NOW)[0] - NOW == PATIENT.base


def test_a_deadline_bounds_the_gap_by_the_age() -> None:
    tired = replace(HISTORY, unchanged_streak=60)
    when, why = next_look(tired, PATIENT, NOW)
    assert (when - NOW, why) == (timedelta(hours=1.5), Why.DEADLINE)
    young = replace(tired, first_seen_at=NOW - timedelta(minutes=10))
    assert next_look(young, PATIENT, NOW)[0] - NOW == timedelta(hours=1)
    older = replace(tired, published_at=NOW - timedelta(days=2))
    assert next_look(older, PATIENT, NOW)[0] - NOW == timedelta(days=1)


def test_looking_to_ninety_days_costs_about_twenty_looks_on_the_tail() -> None:
    history = replace(HISTORY, first_seen_at=NOW, unchanged_streak=60)
    when, looks = NOW, 0
    while when - NOW < timedelta(days=90):
        history = replace(history, last_fetch_at=when)
        when, _ = next_look(history, PATIENT, when)
        looks += 1
    assert 15 <= looks <= 22


def test_trouble_backs_off_and_comes_to_a_bound() -> None:
    failing = replace(HISTORY, last_outcome=Outcome.FAILED)
    gaps = [
        next_look(replace(failing, failures_streak=n), PATIENT, NOW)[0] - NOW
        for n in (1, 2, 3, 1000)
    ]
    assert gaps == [timedelta(minutes=m) for m in (5, 10, 20, 360)]


def test_a_removal_is_confirmed_three_times_within_a_day_then_weekly() -> None:
    history, when, reasons = replace(HISTORY, last_outcome=Outcome.GONE), NOW, []
    for n in range(1, 5):
        history = replace(history, failures_streak=n, last_fetch_at=when)
        when, why = next_look(history, PATIENT, when)
        reasons.append(why)
    assert reasons == [Why.CONFIRM, Why.CONFIRM, Why.CONFIRM, Why.DUE]
    assert when - NOW > timedelta(days=7)
    assert when - NOW < timedelta(days=8, hours=1)


def test_a_wall_is_not_run_against_again_and_again() -> None:
    for outcome in (Outcome.REFUSED, Outcome.BLOCKED):
        walled = replace(HISTORY, last_outcome=outcome, failures_streak=1)
        assert next_look(walled, PATIENT, NOW)[0] - NOW == PATIENT.refused


def test_a_second_look_comes_when_it_is_wanted() -> None:
    odd = replace(HISTORY, confirm_at=NOW + timedelta(minutes=10))
    assert next_look(odd, PATIENT, NOW) == (NOW + timedelta(minutes=10), Why.CONFIRM)
    held = replace(HISTORY, last_outcome=Outcome.HELD)
    assert next_look(held, PATIENT, NOW) == (NOW + PATIENT.odd, Why.CONFIRM)


def test_after_a_clock_was_set_back_everything_is_due_at_once() -> None:
    future = replace(HISTORY, last_fetch_at=NOW + timedelta(days=400))
    odd = replace(future, confirm_at=NOW + timedelta(days=400))
    assert [history for history, _ in due([future, odd], lambda _: PATIENT, NOW)] == [future, odd]
    assert next_poll(NOW + timedelta(days=400), 0, PATIENT, NOW) == NOW


def test_hosts_of_ones_own_are_looked_at_within_seconds_for_the_first_minutes() -> None:
    pace = paces(("127.0.0.1:8899",))("127.0.0.1:8899")
    assert pace is QUICK
    assert paces(("127.0.0.1:8899",))("127.0.0.1:8898") is PATIENT
    history = replace(HISTORY, first_seen_at=NOW, published_at=NOW - timedelta(days=30))
    when = NOW
    for n in range(22):
        history = replace(history, last_fetch_at=when, unchanged_streak=n)
        later, _ = next_look(history, pace, when)
        assert later - when <= timedelta(seconds=12)
        when = later


def test_due_are_the_late_ones_most_overdue_first() -> None:
    histories = [
        replace(HISTORY, article_id=n, last_fetch_at=NOW - timedelta(minutes=minutes))
        for n, minutes in enumerate((5, 500, 50, 31))
    ]
    found = [history.article_id for history, _ in due(histories, paces(()), NOW)]
    assert found == [1, 2, 3]


def test_a_source_is_asked_again_later_when_it_gives_nothing() -> None:
    gaps = [next_poll(NOW, n, PATIENT, NOW) - NOW for n in (0, 1, 2, 4, 99)]
    assert gaps == [timedelta(minutes=m) for m in (10, 10, 10, 40, 360)]
    assert next_poll(None, 0, PATIENT, NOW) == NOW


@settings(deadline=None)  # the machine may be busy
@given(
    st.sampled_from(list(Outcome)),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.timedeltas(timedelta(0), timedelta(days=4000)),
    st.sampled_from([PATIENT, QUICK]),
)
def test_the_next_look_always_comes_within_the_bound_and_never_at_once(
    outcome: Outcome, unchanged: int, failures: int, age: timedelta, pace: object
) -> None:
    history = replace(
        HISTORY,
        first_seen_at=NOW - age,
        last_outcome=outcome,
        unchanged_streak=unchanged,
        failures_streak=failures,
    )
    assert pace is PATIENT or pace is QUICK
    gap = next_look(history, pace, NOW)[0] - NOW  # type: ignore[arg-type]
    assert timedelta(seconds=2) <= gap <= timedelta(days=90)
