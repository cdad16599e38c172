"""When a delivery is tried again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from store.model import Alert, PendingDelivery
from store.outbox import TRIES, is_due, jitter_of, next_try

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
ALERT = Alert("a" * 64, "r", 1, "correction", "t", "r", "b", "l", NOW)


def test_eight_tries_reach_over_about_a_day_and_then_it_is_parked():
    at, tries = NOW, 1
    while (later := next_try(tries, at, 0.0)) is not None:
        at, tries = later, tries + 1
    assert tries == TRIES == 8
    assert timedelta(hours=22) < at - NOW < timedelta(hours=26)


@given(st.integers(1, TRIES - 1), st.floats(0, 1), st.floats(0, 1))
def test_each_wait_is_longer_than_the_one_before_and_jitter_stays_small(attempt, jitter, other):
    wait = next_try(attempt, NOW, jitter) - NOW
    assert wait <= 1.2 * (next_try(attempt, NOW, 0.0) - NOW)
    longer = next_try(attempt + 1, NOW, other)
    assert longer is None or longer - NOW > wait


def test_jitter_differs_between_messages_and_is_the_same_at_every_look():
    values = {jitter_of(f"{n:064x}", "desk", 1) for n in range(100)}
    assert len(values) == 100
    assert all(0 <= value < 1 for value in values)
    assert jitter_of("a", "desk", 1) == jitter_of("a", "desk", 1) != jitter_of("a", "mail", 1)


def test_an_alert_never_tried_is_due_at_once():
    assert is_due(PendingDelivery(ALERT, "desk", 1), NOW)


def test_after_a_failed_try_it_waits_then_is_due_then_is_parked():
    failed = PendingDelivery(ALERT, "desk", 2, NOW)
    assert not is_due(failed, NOW + timedelta(seconds=59))
    assert is_due(failed, NOW + timedelta(seconds=73))
    assert not is_due(PendingDelivery(ALERT, "desk", TRIES + 1, NOW), NOW + timedelta(days=30))


def test_a_clock_that_was_set_back_does_not_stop_the_tries_nor_add_any():
    assert is_due(PendingDelivery(ALERT, "desk", 2, NOW + timedelta(days=1)), NOW)
    assert not is_due(PendingDelivery(ALERT, "desk", TRIES + 1, NOW + timedelta(days=1)), NOW)


def test_what_was_refused_as_one_message_is_due_at_one_moment():
    later = [NOW + timedelta(seconds=s) for s in range(60, 75)]
    parts = [
        PendingDelivery(replace(ALERT, alert_id=f"{n:064x}"), "desk", 2, NOW, "m")
        for n in range(20)
    ]
    assert all(len({is_due(one, at) for one in parts}) == 1 for at in later)
