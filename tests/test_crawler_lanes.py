"""One lane per host: gaps and pauses are kept, and nobody waits for another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.lanes import MOST_TIMES, SLOW_SECONDS, Lanes


def _lanes(gap: float = 10.0) -> Lanes[str]:
    return Lanes(lambda _: gap)


def test_a_host_has_one_request_at_a_time_and_a_gap_after_it() -> None:
    lanes = _lanes()
    lanes.put("a", "a1")
    lanes.put("a", "a2")
    assert lanes.take(0.0) == "a1"
    assert lanes.take(100.0) is None, "a1 is still under way"
    assert lanes.wait(100.0) is None
    lanes.done("a", 100.0)
    assert lanes.take(109.9) is None
    assert lanes.wait(104.0) == 6.0
    assert lanes.take(110.0) == "a2"


def test_a_slow_host_holds_nobody_up() -> None:
    lanes = _lanes()
    for n in range(100):
        lanes.put("slow", f"slow{n}")
    assert lanes.take(0.0) == "slow0"
    lanes.put("quick", "quick0")
    assert lanes.take(0.0) == "quick0"


def test_a_pause_turns_away_what_waits_and_is_over_in_time() -> None:
    lanes = _lanes(0.0)
    for n in range(3):
        lanes.put("a", f"a{n}")
    assert lanes.take(0.0) == "a0"
    assert lanes.pause("a", 60.0) == ["a1", "a2"]
    lanes.done("a", 1.0)
    assert lanes.is_paused("a", 59.9)
    assert lanes.paused(50.0) == {"a": 10.0}
    assert not lanes.is_paused("a", 60.0)
    assert lanes.paused(60.0) == {}
    lanes.put("a", "a3")
    assert lanes.take(60.0) == "a3"


def test_a_later_pause_does_not_shorten_an_earlier_one() -> None:
    lanes = _lanes()
    lanes.pause("a", 100.0)
    lanes.pause("a", 10.0)
    assert lanes.is_paused("a", 99.0)


def test_idle_lanes_are_forgotten_but_a_gap_is_not() -> None:
    lanes = _lanes()
    lanes.put("a", "a1")
    lanes.take(0.0)
    lanes.done("a", 0.0)
    lanes.forget_idle(5.0)
    lanes.put("a", "a2")
    assert lanes.take(5.0) is None, "the gap still runs"
    assert lanes.take(10.0) == "a2"
    lanes.done("a", 10.0)
    lanes.forget_idle(1000.0)
    lanes.put("a", "a3")
    assert lanes.take(1000.0) == "a3"


def test_a_host_that_is_held_keeps_its_jobs_and_delays_nobody() -> None:
    lanes: Lanes[str] = Lanes(lambda _: 0.0)
    lanes.hold("a", 10.0)
    lanes.put("a", "a1")
    lanes.put("b", "b1")
    assert lanes.take(0.0) == "b1"
    assert lanes.take(9.0) is None
    assert lanes.take(10.0) == "a1"


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=60))
def test_every_job_is_given_out_once_with_its_gap(work: list[tuple[str, float]]) -> None:
    lanes: Lanes[tuple[str, int]] = Lanes(lambda _: 3.0)
    for n, (host, _) in enumerate(work):
        lanes.put(host, (host, n))
    now, given_out, last = 0.0, [], {}
    while lanes.waiting:
        job = lanes.take(now)
        if job is None:
            now += lanes.wait(now) or 0.0
            continue
        host, n = job
        assert now - last.get(host, -9.0) >= 3.0 - 1e-9
        given_out.append(n)
        now += work[n][1]
        lanes.done(host, now)
        last[host] = now
    assert sorted(given_out) == list(range(len(work)))
    assert lanes.busy == 0


def test_requests_that_let_us_wait_give_their_places_to_others() -> None:
    lanes: Lanes[str] = Lanes(lambda _: 0.0, places=4)
    for n in range(30):
        lanes.put(f"slow{n}", f"slow{n}")
    lanes.put("good", "good")
    taken: list[str] = []
    now = 0.0
    while "good" not in taken:
        job = lanes.take(now)
        if job is None:
            now += lanes.wait(now) or 0.1
            assert now < 100 * SLOW_SECONDS
            if lanes.wait(now) is None:  # as many wait as may: one of them is over
                lanes.done(taken.pop(0), now)
        else:
            taken.append(job)
    assert lanes.busy <= MOST_TIMES * 4


def test_some_places_are_kept_for_hosts_that_were_quick() -> None:
    lanes: Lanes[str] = Lanes(lambda _: 0.0, places=4)
    lanes.put("good", "good")
    assert lanes.take(0.0) == "good"
    lanes.done("good", 0.5)
    for n in range(100):
        lanes.put(f"slow{n}", f"slow{n}")
    began = [lanes.take(1.0) for _ in range(4)]
    assert began[3] is None, "three of four places are for hosts nobody knows"
    lanes.put("good", "good again")
    assert lanes.take(1.0) == "good again"
    assert lanes.take(1.0) is None
    assert lanes.wait(1.0) == SLOW_SECONDS


def test_slow_requests_have_an_end_too() -> None:
    lanes: Lanes[str] = Lanes(lambda _: 0.0, places=4)
    for n in range(100):
        lanes.put(f"slow{n}", f"slow{n}")
    taken = [lanes.take(now * SLOW_SECONDS) for now in range(100)]
    assert sum(job is not None for job in taken) == MOST_TIMES * 3
    assert lanes.wait(1e6) is None


def test_a_lane_that_was_held_back_while_it_waited_is_not_taken_early() -> None:
    lanes = _lanes(0.0)
    lanes.put("a", "a1")
    lanes.hold("a", 10.0)
    assert lanes.take(9.0) is None
    assert lanes.wait(9.0) == 1.0
    assert lanes.take(10.0) == "a1"
