"""Alerts out of the archive: who gets what, when, and what a crash leaves to do."""

import threading
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from crawler.deliver import (
    Channel,
    Postman,
    deliver,
)
from histories import (
    ADDRESS,
    CORRECTION,
    LINK_BASE,
    START,
    TEXT,
    archive_of,
    corrected,
    document,
    snapshot,
)
from receivers import Sink, mail_address
from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.errors import NoArchive
from store.model import Outcome, Rule
from store.pacing import Pace
from store.telling import Telling

# -- out of the archive ----------------------------------------------------------------------


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = START + timedelta(days=1)

    def __call__(self):
        return self.now


def rule(*channels: str) -> tuple[Rule, ...]:
    return (replace(DEFAULT_RULES[0], channels=channels),)


OTHER = "https://harbour.example/trains"


def two_articles(folder, *channels: str):
    """An archive in which one article was corrected, then another."""
    for address in (ADDRESS, OTHER):
        seen = [document(*TEXT, address=address, note=note) for note in (None, CORRECTION)]
        archive = archive_of(folder, *seen, address=address, rules=rule(*channels))
    return archive


def fate(archive) -> dict[str, tuple[list[str], int]]:
    """Who took the alerts on each article, and after how many tries of any."""
    rows = archive.query(
        """SELECT x.address, a.sent, a.attempts FROM alert_list a
           JOIN article_list x USING (article)"""
    )
    return {row["address"]: (sorted(row["sent"]), row["attempts"]) for row in rows}


def round_of(postman: Postman) -> int:
    postman.tick()
    return postman.finish()


def test_what_was_recorded_is_sent_once_to_each_channel_of_its_rule(tmp_path, sink, mail):
    archive = two_articles(tmp_path, "desk", "mail")
    channels = {
        "desk": Channel(sink.address),
        "mail": Channel(mail_address(mail.port)),
        "other": Channel(sink.address),
    }
    with Postman(archive, channels, Clock()) as postman:
        assert [round_of(postman) for _ in range(3)] == [4, 0, 0]
    titles = ["[correction] The Harbour Gazette: Port counts its ferries"] * 2
    assert [content["title"] for _, content in sink.taken] == titles
    assert [message["Subject"] for message in mail.messages] == titles
    assert len({headers["Idempotency-Key"] for headers, _ in sink.taken}) == 2
    assert fate(archive) == {ADDRESS: (["desk", "mail"], 2), OTHER: (["desk", "mail"], 2)}


def test_what_waits_about_one_article_is_one_message(tmp_path, sink):
    archive = corrected(tmp_path, rules=rule("desk"))
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        assert round_of(postman) == 2
    ((_, content),) = sink.taken
    assert CORRECTION in content["message"]
    assert "404" in content["message"]
    assert [row["sent"] for row in archive.query("SELECT sent FROM alert_list")] == [["desk"]] * 2


def test_a_second_message_on_an_article_follows_after_five_minutes(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        assert round_of(postman) == 2
        gone = [snapshot(clock.now + timedelta(seconds=n), Outcome.GONE) for n in (1, 2)]
        archive.record(gone, Telling(rule("desk"), LINK_BASE))
        clock.now += timedelta(minutes=4)
        assert round_of(postman) == 0
        clock.now += timedelta(minutes=2)
        assert round_of(postman) == 1
    assert sink.taken[-1][1]["title"].startswith("[removed]")


def test_a_channel_with_a_limit_gets_the_rest_in_its_last_message(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    channel = Channel(sink.address, Pace(most_per_hour=1))
    with Postman(archive, {"desk": channel}, Clock()) as postman:
        assert round_of(postman) == 2
    ((headers, content),) = sink.taken
    assert content["title"].startswith("2 alerts: ")
    keys = {row["alert_id"] for row in archive.query("SELECT alert_id FROM alert_list")}
    assert headers["Idempotency-Key"] not in keys


def test_a_receiver_that_hangs_holds_up_no_other_channel(tmp_path, sink):
    archive = two_articles(tmp_path, "stuck", "desk")
    stuck = Sink()
    stuck.hold.clear()
    channels = {"stuck": Channel(stuck.address), "desk": Channel(sink.address)}
    with Postman(archive, channels, Clock()) as postman:
        postman.tick()
        until(lambda: len(sink.taken) == 2)
        assert stuck.taken == []
        postman.tick()  # the stuck channel is still in its round, and gets no second one
        stuck.hold.set()
        postman.finish()
    assert fate(archive) == {ADDRESS: (["desk", "stuck"], 2), OTHER: (["desk", "stuck"], 2)}
    stuck.server.shutdown()
    stuck.server.server_close()


def test_closing_ends_a_long_round_after_the_send_under_way(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    sink.hold.clear()
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        postman.tick()
        until(lambda: sink.waiting)
        closing = threading.Thread(target=postman.close)
        closing.start()
        until(postman._closing.is_set)
        sink.hold.set()
        closing.join()
    assert len(sink.taken) == 1
    assert sorted(fate(archive).values()) == [([], 0), (["desk"], 1)]


def test_a_refused_alert_waits_and_is_tried_again_with_the_same_key(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    sink.status = 503
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        assert round_of(postman) == 0
        sink.status = 200
        clock.now += timedelta(seconds=59)
        assert round_of(postman) == 1  # the one that was not tried yet; the refused one waits
        clock.now += timedelta(seconds=20)
        assert round_of(postman) == 1
    keys = [headers["Idempotency-Key"] for headers, _ in sink.taken]
    assert keys[0] == keys[2] != keys[1]
    assert sorted(fate(archive).values()) == [(["desk"], 1), (["desk"], 2)]


def test_an_alert_that_no_try_brings_home_is_parked_after_eight(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    sink.status = 500
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        for _ in range(40):
            round_of(postman)
            clock.now += timedelta(hours=16)
    assert fate(archive) == {ADDRESS: ([], 8), OTHER: ([], 8)}
    assert len(sink.taken) == 16


def test_a_crash_between_sending_and_recording_repeats_the_same_message(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    waiting = [(one,) for one in archive.pending_alerts(["desk"], Clock()())]

    def crash(made, _refused, _begun):
        if made:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(waiting, Channel(sink.address), crash, Clock())
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        round_of(postman)
    assert sink.taken[:2] == sink.taken[2:]
    assert fate(archive) == {ADDRESS: (["desk"], 1), OTHER: (["desk"], 1)}


def test_without_a_channel_alerts_stay_in_the_table(tmp_path):
    archive = two_articles(tmp_path)
    with Postman(archive, {}, Clock()) as postman:
        assert round_of(postman) == 0
    assert fate(archive) == {ADDRESS: ([], 0), OTHER: ([], 0)}


def test_an_archive_that_cannot_be_read_is_said_and_tried_again(tmp_path, sink, logged):
    archive = two_articles(tmp_path, "desk")
    away = archive.path.rename(tmp_path / "away")
    with Postman(archive, {"desk": Channel(sink.address)}, Clock()) as postman:
        with pytest.raises(NoArchive):
            round_of(postman)
        away.rename(archive.path)
        assert round_of(postman) == 2
    assert "Alerts for channel desk wait: There is no archive" in logged.getvalue()


def until(done) -> None:
    for _ in range(1000):
        if done():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within twenty seconds")


def test_two_postmen_of_one_archive_tell_nothing_twice(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    channels = {"desk": Channel(sink.address)}
    with Postman(archive, channels, Clock()) as first, Postman(archive, channels, Clock()) as other:
        sink.hold.clear()
        first.tick()
        until(lambda: sink.waiting)
        other.tick()
        sink.hold.set()
        assert (first.finish(), other.finish()) == (2, 0)
    assert len(sink.taken) == 2


def test_a_clock_that_was_set_back_holds_up_no_alert(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    sink.status = 503
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        round_of(postman)
        clock.now -= timedelta(days=10)
        round_of(postman)
        assert len(sink.taken) == 2
        sink.status = 200
        assert round_of(postman) == 1  # what was refused waits for its minute, by the new clock
        clock.now += timedelta(minutes=7)
        assert round_of(postman) == 1


def test_articles_of_one_story_are_told_together(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    stories = {article_id(address): ("Harbour",) for address in (ADDRESS, OTHER)}
    with Postman(archive, {"desk": Channel(sink.address)}, Clock(), stories) as postman:
        assert round_of(postman) == 2
    ((_, content),) = sink.taken
    assert content["title"].startswith("2 alerts: ")


def test_a_message_that_was_under_way_at_a_crash_comes_again_whatever_happened_since(
    tmp_path, sink
):
    archive = two_articles(tmp_path, "desk")
    clock = Clock()
    record = partial(archive.record_deliveries, "desk")

    def crash(made, refused, begun):
        if made:
            raise KeyboardInterrupt
        record(made, refused, begun)

    waiting = [(one,) for one in archive.pending_alerts(["desk"], clock())]
    with pytest.raises(KeyboardInterrupt):
        deliver(waiting, Channel(sink.address), crash, clock)
    gone = [snapshot(clock.now + timedelta(seconds=n), Outcome.GONE) for n in (1, 2)]
    archive.record(gone, Telling(rule("desk"), LINK_BASE))
    clock.now += timedelta(minutes=10)
    with Postman(archive, {"desk": Channel(sink.address)}, clock) as postman:
        assert [round_of(postman) for _ in range(2)] == [3, 0]
    assert sink.taken[:2] == sink.taken[2:4]
    assert len(sink.taken) == 5
    assert archive.query("FROM parcels") == []


def test_a_refused_message_of_two_alerts_comes_again_as_the_same_and_a_third_follows(
    tmp_path, sink
):
    archive = two_articles(tmp_path, "desk")
    stories = {article_id(address): ("Harbour",) for address in (ADDRESS, OTHER)}
    clock = Clock()
    sink.status = 503
    with Postman(archive, {"desk": Channel(sink.address)}, clock, stories) as postman:
        assert round_of(postman) == 0
        gone = [snapshot(clock.now + timedelta(seconds=n), Outcome.GONE) for n in (1, 2)]
        archive.record(gone, Telling(rule("desk"), LINK_BASE))
        sink.status = 200
        clock.now += timedelta(minutes=2)
        assert round_of(postman) == 3
    assert sink.taken[0] == sink.taken[1]
    assert len(sink.taken) == 3


def test_a_burst_is_held_and_told_as_one_but_by_who_ends_when_it_has_told(tmp_path, sink):
    held = {"desk": Channel(sink.address, Pace(hold=timedelta(minutes=5)))}
    archive = archive_of(tmp_path, document(*TEXT))
    clock = Clock()
    burst = (document(*TEXT, note=CORRECTION), Outcome.GONE, Outcome.GONE)
    seen = [snapshot(clock.now + timedelta(seconds=n), one) for n, one in enumerate(burst)]
    archive.record(seen, Telling(rule("desk"), LINK_BASE))
    with Postman(archive, held, clock) as postman:
        clock.now += timedelta(minutes=4)
        assert round_of(postman) == 0
    slow = (replace(rule("desk")[0], hold_minutes=15),)
    with Postman(archive, held, clock, rules=slow) as postman:
        clock.now += timedelta(minutes=2)
        assert round_of(postman) == 0
    with Postman(archive, held, clock, rules=slow, holds=False) as postman:
        assert round_of(postman) == 2
    assert len(sink.taken) == 1


def test_a_rules_own_pace_counts_for_it_alone(tmp_path, sink):
    rules = (
        replace(DEFAULT_RULES[0], name="daily", channels=("desk",), digest_minutes=1440),
        replace(DEFAULT_RULES[0], name="now", channels=("desk",)),
    )
    archive = corrected(tmp_path, rules=rules)
    clock = Clock()
    with Postman(archive, {"desk": Channel(sink.address)}, clock, rules=rules) as postman:
        assert round_of(postman) == 2
        clock.now += timedelta(days=1)
        assert round_of(postman) == 2


def test_with_a_parked_alert_goes_what_was_told_in_the_same_message(tmp_path, sink):
    archive = two_articles(tmp_path, "desk")
    stories = {article_id(address): ("Harbour",) for address in (ADDRESS, OTHER)}
    clock = Clock()
    sink.status = 503
    with Postman(archive, {"desk": Channel(sink.address)}, clock, stories) as postman:
        for _ in range(9):
            round_of(postman)
            clock.now += timedelta(hours=16)
        sink.status = 200
        assert round_of(postman) == 0
        one = archive.query("SELECT min(alert_id) AS alert_id FROM alert_list")[0]["alert_id"]
        assert archive.try_again([one], acted_at=clock.now) == 2
        assert round_of(postman) == 2
    assert len({headers["Idempotency-Key"] for headers, _ in sink.taken}) == 1
