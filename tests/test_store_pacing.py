"""Which alerts go out now, and which of them together."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from store.model import Alert, PendingDelivery
from store.pacing import BURST, Pace, Sent, is_closed, joined, parcels

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def pending(number: int, article: int = 1, age: timedelta = MINUTE, attempt: int = 1):
    alert = Alert(
        alert_id=f"{number:064x}",
        rule="r",
        article_id=article,
        kind="correction",
        title=f"title {number}",
        reason="why",
        body=f"body {number}",
        link="l",
        raised_at=NOW - age,
    )
    return PendingDelivery(alert, "desk", attempt, None if attempt == 1 else NOW - MINUTE)


def numbers(found: Sequence) -> list[list[int]]:
    return [[int(one.alert.alert_id, 16) for one in parcel] for parcel in found]


def told(waiting, sent=(), now=NOW, **pace) -> list[list[int]]:
    return numbers(parcels(waiting, sent, Pace(**pace), now))


def test_alerts_of_different_articles_are_told_at_once_each_on_its_own():
    assert told([pending(1, 1), pending(2, 2)]) == [[1], [2]]


def test_what_waits_about_one_article_makes_one_message():
    assert told([pending(1, 1), pending(2, 2), pending(3, 1)]) == [[1, 3], [2]]


def test_a_second_message_on_an_article_waits_for_five_minutes():
    waiting = [pending(2, 1), pending(3, 2)]
    assert told(waiting, [Sent(1, NOW - BURST + MINUTE)]) == [[3]]
    assert told(waiting, [Sent(1, NOW - BURST)]) == [[2], [3]]


def test_a_digest_goes_out_when_its_oldest_alert_has_waited_long_enough():
    hour = timedelta(hours=1)
    waiting = [pending(1, 1, age=59 * MINUTE), pending(2, 2)]
    assert told(waiting, digest=hour) == []
    assert told([pending(1, 1, age=60 * MINUTE), pending(2, 2)], digest=hour) == [[1, 2]]


def test_a_digest_that_was_refused_goes_out_when_its_wait_is_over():
    assert told([pending(1, attempt=2)], digest=timedelta(hours=1)) == [[1]]


def test_nothing_is_sent_in_quiet_hours_and_what_came_is_one_message_at_their_end():
    quiet = (time(22), time(7))
    night = NOW.replace(hour=23)
    assert told([pending(1)], now=night, quiet=quiet) == []
    morning = NOW.replace(hour=7) + timedelta(days=1)
    ages = [NOW - morning + timedelta(hours=hours) for hours in (9, 4, 0)]
    waiting = [pending(n, n, age=age) for n, age in enumerate(ages)]
    assert told(waiting, now=morning, quiet=quiet) == [[0, 1], [2]]


def test_quiet_hours_follow_the_clock_of_their_zone():
    quiet, zone = (time(22), time(7)), ZoneInfo("Asia/Tokyo")
    assert told([pending(1)], quiet=quiet, zone=zone) == []  # 23:00 in Tokyo
    assert told([pending(1)], quiet=(time(9), time(17)), zone=zone) == [[1]]
    assert told([pending(1)], quiet=(time(9), time(17))) == []


def test_what_is_too_much_for_the_hour_goes_out_with_its_last_message():
    waiting = [pending(n, n) for n in range(5)]
    sent = [Sent(9, NOW - timedelta(minutes=30))]
    assert told(waiting, sent, most_per_hour=4) == [[0], [1], [2, 3, 4]]
    assert told(waiting, sent, most_per_hour=1) == []
    assert told(waiting, sent, most_per_hour=6) == [[0], [1], [2], [3], [4]]


def test_alerts_told_in_one_message_count_once_and_only_for_an_hour():
    together = [Sent(n, NOW - timedelta(minutes=30)) for n in range(3)]
    long_ago = [Sent(7, NOW - timedelta(minutes=61))]
    waiting = [pending(n, n + 10) for n in range(2)]
    assert told(waiting, [*together, *long_ago], most_per_hour=3) == [[0], [1]]


def test_articles_of_one_story_are_one_message_and_wait_for_one_another():
    waiting = [pending(1, article=1), pending(2, article=2), pending(3, article=3)]
    stories = {1: "Ferries", 2: "Ferries"}
    assert numbers(parcels(waiting, [], Pace(), NOW, stories)) == [[1, 2], [3]]
    sent = [Sent(2, NOW - MINUTE)]
    assert numbers(parcels(waiting, sent, Pace(), NOW, stories)) == [[3]]


def test_what_was_sent_later_than_now_holds_nothing_up():
    later = [Sent(1, NOW + timedelta(days=1))]
    assert told([pending(1)], later, most_per_hour=1) == [[1]]


def test_a_digest_raised_later_than_now_goes_out():
    assert told([pending(1, age=-timedelta(days=1))], digest=timedelta(hours=1)) == [[1]]


def test_a_channel_is_closed_when_nothing_fresh_could_go_out():
    sent = [Sent(1, NOW - MINUTE)]
    old = NOW - timedelta(hours=2)
    assert not is_closed(NOW, sent, Pace(), NOW)
    assert is_closed(NOW, sent, Pace(most_per_hour=1), NOW)
    assert not is_closed(NOW, sent, Pace(most_per_hour=2), NOW)
    assert is_closed(NOW, sent, Pace(digest=timedelta(hours=1)), NOW)
    assert not is_closed(old, sent, Pace(digest=timedelta(hours=1)), NOW)
    assert is_closed(old, [], Pace(quiet=(time(13), time(15))), NOW)


def test_one_alert_is_sent_as_it_is():
    assert joined((pending(1),)) == pending(1).alert


def test_a_joint_message_holds_every_body_under_an_id_of_its_own():
    parcel = (pending(1, 1), pending(2, 2))
    message = joined(parcel)
    assert message.title == "2 alerts: title 1"
    assert message.body == "body 1\n\n----\n\nbody 2"
    assert message.alert_id == joined(parcel).alert_id
    assert message.alert_id not in {one.alert.alert_id for one in parcel}
    assert joined((pending(1), pending(3))).title == "title 1"


def test_a_message_of_very_many_alerts_counts_those_it_leaves_out():
    message = joined(tuple(pending(n, n) for n in range(30)))
    assert message.body.count("----") == 25
    assert message.body.endswith("And 5 more; the dashboard and `storylapse alerts` list them.")


PACES = st.builds(
    Pace,
    digest=st.sampled_from([timedelta(), timedelta(minutes=15), timedelta(hours=1)]),
    quiet=st.none() | st.tuples(st.times(), st.times()),
    most_per_hour=st.integers(0, 3),
)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 300)), max_size=8),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 100)), max_size=5),
    PACES,
)
def test_no_alert_is_told_twice_in_a_round_and_every_one_is_told_in_the_end(alerts, past, pace):
    ages = sorted((age for _, age in alerts), reverse=True)
    waiting = [
        pending(number, article, age=age * MINUTE)
        for number, ((article, _), age) in enumerate(zip(alerts, ages, strict=True))
    ]
    sent = [Sent(article, NOW - age * MINUTE) for article, age in past]
    out = numbers(parcels(waiting, sent, pace, NOW))
    flat = [number for parcel in out for number in parcel]
    assert len(flat) == len(set(flat))
    if pace.most_per_hour:
        assert len(out) <= pace.most_per_hour
    later = [NOW + timedelta(minutes=10 * n) for n in range(200)]
    if waiting and pace.quiet is None:
        assert any(parcels(waiting, (), pace, at) for at in later)
