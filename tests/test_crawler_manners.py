"""How hosts are treated: gaps, pauses, and a host that does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.manners import BREAK_AFTER, FIRST_BREAK, LONGEST_BREAK, Manners
from store.hosts import HostState

NOW = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)
HOST, OWN = "news.example", "127.0.0.1:8533"


class Kept:
    """Manners, and what they told to keep."""

    def __init__(self, *known: HostState) -> None:
        self.told: list[HostState] = []
        self.manners = Manners(known, frozenset({OWN}), 5.0, self.told.append)

    def fail(self, times: int, host: str = HOST, detail: str = "timeout") -> timedelta | None:
        return [self.manners.failed(host, detail, NOW) for _ in range(times)][-1]


def test_a_host_is_left_alone_for_what_it_or_the_person_asked_whichever_is_longer() -> None:
    manners = Kept().manners
    assert manners.gap(HOST) == 5.0
    manners.learn_delay(HOST, 30.0, NOW)
    assert manners.gap(HOST) == 30.0
    manners.learn_delay(HOST, 1.0, NOW)
    assert manners.gap(HOST) == 5.0


def test_a_slow_host_is_left_alone_for_as_long_as_it_took_within_bounds() -> None:
    manners = Kept().manners
    manners.lasted(HOST, 12.0)
    assert manners.gap(HOST) == 12.0
    manners.lasted(HOST, 500.0)
    assert manners.gap(HOST) == 60.0
    manners.lasted(HOST, 0.1)
    assert manners.gap(HOST) == 5.0


def test_hosts_of_ones_own_need_no_gap_but_the_one_they_ask_for() -> None:
    manners = Kept().manners
    manners.lasted(OWN, 12.0)
    assert manners.gap(OWN) == 0.0
    manners.learn_delay(OWN, 2.0, NOW)
    assert manners.gap(OWN) == 2.0


def test_a_host_that_does_not_answer_again_and_again_is_left_alone() -> None:
    kept = Kept()
    assert kept.fail(BREAK_AFTER - 1) is None
    assert kept.fail(1) == FIRST_BREAK
    assert kept.manners.left_of_pauses(NOW) == {HOST: FIRST_BREAK}
    assert kept.manners.why_paused(HOST) == f"{HOST} did not answer {BREAK_AFTER} times in a row"


def test_one_request_after_the_pause_decides_whether_the_next_is_twice_as_long() -> None:
    kept = Kept()
    kept.fail(BREAK_AFTER)
    assert kept.fail(1) == 2 * FIRST_BREAK
    assert kept.fail(40) == LONGEST_BREAK
    kept.manners.answered(HOST)
    assert kept.fail(BREAK_AFTER - 1) is None


@pytest.mark.parametrize("detail", ["cut_short", "http_404", "too_large", "guard", "bad_http"])
def test_trouble_with_one_page_is_none_of_the_host(detail: str) -> None:
    assert Kept().fail(50, detail=detail) is None


def test_a_host_of_ones_own_is_left_alone_only_where_nobody_is_there() -> None:
    assert Kept().fail(50, OWN, "timeout") is None
    assert Kept().fail(BREAK_AFTER, OWN, "connection_refused") == FIRST_BREAK


def test_a_pause_is_never_made_shorter() -> None:
    manners = Kept().manners
    manners.pause(HOST, NOW + timedelta(hours=2), "It asked")
    manners.pause(HOST, NOW + timedelta(minutes=2), "It asked again")
    assert manners.left_of_pauses(NOW) == {HOST: timedelta(hours=2)}
    assert manners.why_paused(HOST) == "It asked"


def test_what_must_outlive_a_crash_is_told_to_be_kept_and_nothing_else() -> None:
    kept = Kept()
    kept.manners.answered(HOST)
    kept.manners.asked(HOST, NOW)
    kept.manners.lasted(HOST, 3.0)
    kept.fail(BREAK_AFTER - 1)
    assert kept.told == []
    kept.manners.learn_delay(HOST, 9.0, NOW)
    kept.manners.asked(HOST, NOW + timedelta(seconds=9))
    kept.manners.pause(HOST, NOW + timedelta(hours=1), "It asked")
    assert [state.delay_seconds for state in kept.told] == [9.0, 9.0, 9.0]
    assert kept.told[-1].asked_at == NOW + timedelta(seconds=9)
    assert kept.told[-1].paused_until == NOW + timedelta(hours=1)


def test_a_new_run_goes_on_with_the_pauses_and_gaps_of_the_old() -> None:
    paused = HostState(
        "a.example", paused_until=NOW + timedelta(minutes=9), pause_reason="It asked"
    )
    over = HostState("b.example", paused_until=NOW - timedelta(minutes=1))
    asked = HostState("c.example", asked_at=NOW - timedelta(seconds=20), delay_seconds=60.0)
    long_ago = HostState("d.example", asked_at=NOW - timedelta(hours=1), delay_seconds=60.0)
    manners = Kept(paused, over, asked, long_ago).manners
    assert manners.left_of_pauses(NOW) == {"a.example": timedelta(minutes=9)}
    assert manners.left_of_gaps(NOW) == {"c.example": 55.0}, "60 seconds and a quarter, less 20"


def test_a_clock_that_was_wrong_keeps_no_host_waiting_for_ever() -> None:
    future = HostState(
        HOST,
        asked_at=NOW + timedelta(days=900),
        delay_seconds=60.0,
        paused_until=NOW + timedelta(days=900),
    )
    manners = Kept(future).manners
    assert manners.left_of_pauses(NOW) == {HOST: timedelta(hours=24)}
    assert manners.left_of_gaps(NOW) == {HOST: 75.0}


def test_a_host_that_answers_with_its_own_errors_alone_is_left_in_peace_too() -> None:
    kept = Kept()
    assert kept.fail(BREAK_AFTER - 1, detail="http_500") is None
    assert kept.fail(1, detail="http_503") == FIRST_BREAK
    assert "answered with errors of its own" in kept.manners.why_paused(HOST)
    assert Kept().fail(BREAK_AFTER, detail="http_404") is None
    assert Kept().fail(BREAK_AFTER, OWN, "http_500") is None
