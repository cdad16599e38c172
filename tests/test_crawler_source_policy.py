"""When to ask a source again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.offers import Rest
from crawler.policy import PATIENT, QUICK
from crawler.polling import rested
from crawler.source_policy import SourceHistory, next_poll, poll_gap

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)  # a Thursday
ASKED = SourceHistory(last_poll_at=NOW)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def minutes(history: SourceHistory) -> float:
    return (next_poll(history, PATIENT, NOW).due_at - NOW) / timedelta(minutes=1)


def test_a_source_never_asked_is_due_at_once() -> None:
    assert next_poll(SourceHistory(), PATIENT, NOW).due_at == NOW


def test_after_a_clock_was_set_back_a_source_is_due_at_once() -> None:
    future = replace(ASKED, last_poll_at=NOW + timedelta(days=400))
    assert next_poll(future, PATIENT, NOW).due_at == NOW


def test_a_source_that_cannot_be_read_is_asked_ever_more_rarely() -> None:
    waits = [minutes(replace(ASKED, failures=n)) for n in (1, 2, 4, 99)]
    assert waits == [10, 10, 40, 360]


def test_the_gap_follows_what_a_source_has_shown() -> None:
    waits = {
        news: minutes(replace(ASKED, polls=144, news=news, watched=DAY))
        for news in (0, 4, 24, 71, 140, 1000)
    }
    assert waits[0] == 60
    assert waits[4] == 60
    assert 25 < waits[24] < 35
    assert 9 < waits[71] < 11
    assert 5 < waits[140] < 6
    assert waits[1000] == 2


def test_little_evidence_changes_little() -> None:
    assert minutes(ASKED) == 10
    once = replace(ASKED, polls=2, news=1, watched=timedelta(minutes=10))
    assert 5 <= minutes(once) <= 10


def test_a_source_with_news_at_every_poll_is_asked_ever_more_often() -> None:
    history, gaps = ASKED, []
    for _ in range(200):
        gap = poll_gap(history, PATIENT)
        gaps.append(gap)
        watched = min(history.watched + gap, DAY)
        history = replace(history, polls=history.polls + 1, news=history.news + 1, watched=watched)
    assert gaps[-1] == PATIENT.poll_least


@given(
    st.integers(0, 10_000), st.integers(0, 10_000), st.timedeltas(timedelta(0), timedelta(days=3))
)
def test_the_gap_is_bounded_whatever_a_source_has_shown(
    polls: int, news: int, watched: timedelta
) -> None:
    history = replace(ASKED, polls=polls, news=news, watched=watched)
    turn = next_poll(history, PATIENT, NOW)
    assert PATIENT.poll_least <= turn.due_at - NOW <= PATIENT.poll_most
    assert turn.because.endswith(".")
    assert next_poll(history, QUICK, NOW).due_at - NOW == QUICK.poll


def test_what_a_source_asks_for_is_heeded_where_it_is_longer() -> None:
    busy = replace(ASKED, polls=100, news=100, watched=DAY)
    asked = replace(busy, not_before=NOW + timedelta(minutes=40))
    assert minutes(asked) == 40
    assert "asks to be left until 12:40" in next_poll(asked, PATIENT, NOW).because
    assert minutes(replace(busy, not_before=NOW + timedelta(minutes=1))) < 10
    assert minutes(replace(busy, not_before=NOW + timedelta(days=9))) == 360


def test_a_hub_that_tells_of_news_spares_polls_until_it_falls_silent() -> None:
    busy = replace(ASKED, polls=100, news=100, watched=DAY, leased=True)
    told = replace(busy, pushed_at=NOW - HOUR, news_at=NOW - HOUR + timedelta(seconds=40))
    assert minutes(told) == 60
    assert minutes(busy) < 10, "it never called"
    assert minutes(replace(told, news_at=NOW)) < 10, "news came without its word"
    assert minutes(replace(told, leased=False)) < 10, "the lease has ended"


def test_freshness_counts_up_to_an_hour_and_the_longer_wish_holds() -> None:
    assert rested(NOW, timedelta(0), Rest()) is None
    assert rested(NOW, timedelta(days=-400), Rest()) is None
    assert rested(NOW, timedelta(minutes=5), Rest(timedelta(minutes=30))) == NOW + HOUR / 2
    assert rested(NOW, timedelta(days=400), Rest()) == NOW + HOUR


def test_skipped_hours_and_days_are_kept_away_from_but_not_for_ever() -> None:
    assert rested(NOW, timedelta(0), Rest(hours=frozenset({12, 13}))) == NOW + 2 * HOUR
    later = NOW + timedelta(minutes=20)
    assert rested(later, timedelta(0), Rest(hours=frozenset({12}))) == NOW + HOUR
    assert rested(NOW, timedelta(0), Rest(hours=frozenset({3}))) is None
    assert rested(NOW, timedelta(0), Rest(hours=frozenset(range(24)))) == NOW + 6 * HOUR
    assert rested(NOW, timedelta(0), Rest(days=frozenset({3}))) == NOW + 6 * HOUR
    assert rested(NOW, timedelta(0), Rest(days=frozenset({4}))) is None
