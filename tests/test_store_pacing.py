"""Which alerts go out now, and which of them together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from store.model import Alert, PendingDelivery, Rule
from store.pacing import BURST, Pace, Sent, Waiting, is_closed, joined, own_pace, parcels

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


def under_way(number: int, attempt: int = 1):
    return replace(pending(number, attempt=attempt), message="m")


def of(rule: str, one):
    return replace(one, alert=replace(one.alert, rule=rule))


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


def closed(since, sent=(), tried=False, **pace) -> bool:
    return is_closed([Waiting("r", since, tried)], sent, Pace(**pace), NOW)


def test_a_channel_is_closed_when_nothing_could_go_out():
    sent = [Sent(1, NOW - MINUTE)]
    old = NOW - timedelta(hours=2)
    assert not closed(NOW, sent)
    assert closed(NOW, sent, most_per_hour=1)
    assert not closed(NOW, sent, most_per_hour=2)
    assert closed(NOW, sent, digest=timedelta(hours=1))
    assert not closed(NOW, sent, tried=True, digest=timedelta(hours=1))
    assert not closed(old, sent, digest=timedelta(hours=1))
    assert closed(old, quiet=(time(13), time(15)))
    assert closed(NOW - MINUTE, hold=BURST)
    assert not closed(NOW - BURST, hold=BURST)


def test_a_burst_is_held_after_its_first_change_and_told_as_one():
    assert told([pending(1, age=4 * MINUTE), pending(2)], hold=BURST) == []
    waiting = [pending(1, age=5 * MINUTE), pending(2, age=3 * MINUTE), pending(3), pending(4, 2)]
    assert told(waiting, hold=BURST) == [[1, 2, 3]]


def test_what_was_under_way_goes_out_as_the_message_it_was_whatever_came_since():
    again = [under_way(1), under_way(2, attempt=2)]
    for pace in ({}, {"digest": timedelta(hours=1)}, {"hold": BURST}):
        assert told([*again, pending(3, age=timedelta(hours=2))], **pace) == [[1, 2], [3]]
    assert told([*again, pending(3), pending(4, 2)], most_per_hour=1) == [[1, 2]]


def test_a_rule_with_a_pace_of_its_own_is_told_apart_and_by_its_own_limit():
    daily = {"daily": Pace(digest=timedelta(days=1))}
    waiting = [of("daily", pending(1)), pending(2), pending(3, 2)]
    assert numbers(parcels(waiting, [], Pace(), NOW, own=daily)) == [[2], [3]]
    one = {"one": Pace(most_per_hour=1)}
    waiting = [of("one", pending(1)), of("one", pending(2, 2)), pending(3)]
    assert numbers(parcels(waiting, [], Pace(), NOW, own=one)) == [[1, 2], [3]]
    sent = [Sent(9, NOW - MINUTE, "one")]
    assert numbers(parcels(waiting, sent, Pace(), NOW, own=one)) == [[3]]
    assert is_closed([Waiting("one", NOW, tried=False)], sent, Pace(), NOW, one)


def test_a_rule_says_only_what_is_its_own_and_has_the_rest_of_the_channel():
    channel = Pace(
        digest=timedelta(hours=1), quiet=(time(22), time(7)), zone=ZoneInfo("Asia/Tokyo")
    )
    assert own_pace(Rule("r"), channel) is None
    assert own_pace(Rule("r", digest_minutes=0), channel) == replace(channel, digest=timedelta())
    assert own_pace(Rule("r", quiet=""), channel) == replace(channel, quiet=None)
    own = own_pace(Rule("r", quiet="12:00-13:30", time_zone="UTC", most_per_hour=3), channel)
    noon = (time(12), time(13, 30))
    assert own == replace(channel, quiet=noon, zone=ZoneInfo("UTC"), most_per_hour=3)


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
    hold=st.sampled_from([timedelta(), BURST]),
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
    order = [int(one.alert.alert_id, 16) for one in waiting]
    assert all([n for n in order if n in parcel] == parcel for parcel in out)
    flat = [number for parcel in out for number in parcel]
    assert len(flat) == len(set(flat))
    if pace.most_per_hour:
        assert len(out) <= pace.most_per_hour
    later = [NOW + timedelta(minutes=10 * n) for n in range(200)]
    if waiting and pace.quiet is None:
        assert any(parcels(waiting, (), pace, at) for at in later)


def day_of(alerts: Sequence[tuple[int, int, bool]], channel: Pace, own: dict[str, Pace]):
    """Three days of a channel, looked at each five minutes: when which messages went out."""
    waiting = [
        of("own" if has_own else "r", pending(number, article, age=-minute * MINUTE))
        for number, (minute, article, has_own) in enumerate(sorted(alerts))
    ]
    sent: list[Sent] = []
    out: list[tuple[datetime, tuple]] = []
    for step in range(864):
        now = NOW + 5 * step * MINUTE
        due = [one for one in waiting if one.alert.raised_at <= now]
        lately = [one for one in sent if one.at > now - timedelta(hours=1)]
        for place, parcel in enumerate(parcels(due, lately, channel, now, own=own)):
            at = now + timedelta(seconds=place)
            out.append((at, parcel))
            sent += [Sent(one.alert.article_id, at, one.alert.rule) for one in parcel]
            waiting = [one for one in waiting if one not in parcel]
    return out, waiting


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.integers(1, 3), st.booleans()), max_size=10, unique=True
    ),
    PACES,
    PACES,
)
@settings(max_examples=30, deadline=None)
def test_over_days_each_alert_is_told_once_and_every_pace_is_kept(alerts, channel, own_one):
    out, left = day_of(alerts, channel, {"own": own_one})
    told_numbers = [one.alert.alert_id for _, parcel in out for one in parcel]
    assert len(set(told_numbers)) == len(told_numbers) == len(alerts) - len(left)
    if channel.quiet is None and own_one.quiet is None:
        assert left == []
    for name, pace in (("r", channel), ("own", own_one)):
        mine = [(at, parcel) for at, parcel in out if parcel[0].alert.rule == name]
        assert all(one.alert.rule == name for _, parcel in mine for one in parcel)
        for at, parcel in mine:
            first = min(one.alert.raised_at for one in parcel)
            assert at - first >= (pace.digest or pace.hold)
            hour = [other for other, _ in mine if at - timedelta(hours=1) < other <= at]
            assert len(hour) <= (pace.most_per_hour or len(hour))
            if pace.quiet and pace.quiet[0] < pace.quiet[1]:
                asked_at = at - timedelta(seconds=at.second)
                assert not pace.quiet[0] <= asked_at.time() < pace.quiet[1]
