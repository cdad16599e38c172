"""The watchdog: what is wrong with the watching is told once, and again only after it was well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from crawler.deliver import Channel, Postman
from dashboard import watchdog
from dashboard.watchdog import FILLS_BYTES, Owner, Pulse, Watchdog, troubles
from histories import LINK_BASE, START, TEXT, corrected, document, snapshot
from receivers import Sink
from store import disk
from store.archive import open_archive
from store.model import Delivery, Link, Outcome, Rule, SourceKind
from store.polls import Poll
from store.telling import Telling
from store.troubles import WELL, Known, Trouble, alert_of, step

FEED = "https://harbour.example/feed"
FULL = Trouble("disk", "The disk fills.", "Make room.")
DOWN = Trouble("source 1", "It fell silent.", "Open it.", timedelta(hours=3))


def looked(*found: Trouble, known=(), after=timedelta()):
    return step(known, found, START + after)


def test_a_trouble_is_told_once_while_it_lasts():
    known, told = looked(FULL)
    assert [trouble for trouble, _ in told] == [FULL]
    for minutes in (1, 60, 6000):
        known, told = looked(FULL, known=known, after=timedelta(minutes=minutes))
        assert told == []


def test_one_that_is_well_in_time_is_never_told():
    known, told = looked(DOWN)
    assert told == []
    known, told = looked(DOWN, known=known, after=timedelta(hours=2))
    known, told = looked(known=known, after=timedelta(hours=2, minutes=1))
    known, told = looked(known=known, after=timedelta(hours=4))
    assert (known, told) == ([], [])


def test_one_that_lasts_is_told_when_patience_ends():
    known, _ = looked(DOWN)
    known, told = looked(DOWN, known=known, after=timedelta(hours=3))
    assert [trouble.name for trouble, _ in told] == ["source 1"]


def test_one_that_comes_and_goes_is_one_and_after_an_hour_of_well_it_is_another():
    known, _ = looked(FULL)
    known, _ = looked(known=known, after=timedelta(minutes=5))
    known, told = looked(FULL, known=known, after=timedelta(minutes=10))
    assert told == []
    known, _ = looked(known=known, after=timedelta(minutes=15))
    known, _ = looked(known=known, after=timedelta(minutes=15) + WELL)
    assert known == []
    _, told = looked(FULL, known=known, after=timedelta(hours=2))
    assert len(told) == 1


def test_the_alert_says_what_since_when_and_what_to_do_under_an_id_of_its_own():
    first = alert_of(FULL, Known("disk", START), f"{LINK_BASE}/watching", START)
    again = alert_of(FULL, Known("disk", START + WELL), f"{LINK_BASE}/watching", START)
    assert first.title == "[trouble] Storylapse: The disk fills."
    assert "What to do: Make room." in first.body
    assert "2026-11-22 09:00 UTC" in first.body
    assert first.alert_id != again.alert_id
    hostile = alert_of(replace(FULL, what="a\r\nBcc: x"), Known("disk", START), LINK_BASE, START)
    assert "\n" not in hostile.title


@pytest.fixture
def watched(tmp_path):
    """An archive whose one source has answered badly since START."""
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    source = archive.watch_source(FEED, SourceKind.FEED, acted_at=START)
    archive.record_poll(poll(source, Outcome.FAILED))
    return archive


def poll(source: int, outcome: Outcome, at=START) -> Poll:
    return Poll(source, at, at, outcome, "timeout", "The server did not answer.")


def good_poll(source: int, at=START) -> Poll:
    links = tuple(Link(f"https://harbour.example/{number}") for number in range(9))
    return Poll(source, at, at, Outcome.READ, "feed", "It was read.", links=links)


SILENT = {
    Outcome.FAILED: "no answer",
    Outcome.MOVED: "watch the new address",
    Outcome.GONE: "look on the site for the new one",
    Outcome.BLOCKED: "blocked",
    Outcome.REFUSED: "does not want to be read by us",
    Outcome.UNREADABLE: "extractor broke",
}


@pytest.mark.parametrize("outcome", SILENT)
def test_each_way_to_fall_silent_is_told_once_and_again_only_after_it_was_well(watched, outcome):
    (source,) = [row["source_id"] for row in watched.query("FROM source_list")]
    now = START
    dog = Watchdog(
        watched, Owner(("desk",), LINK_BASE), Pulse(lambda: 0.0), lambda: now, lambda: None
    )
    told = []
    bad, good = partial(poll, outcome=outcome), good_poll
    for hours, met in ((0, bad), (3, bad), (9, bad), (10, good), (11, good), (12, bad), (15, bad)):
        now = START + timedelta(hours=hours)
        watched.record_poll(met(source, at=now))
        told.append(dog.look())
    assert told == [0, 1, 0, 0, 0, 0, 1]
    (body, _) = [row["body"] for row in watched.query("FROM alert_list")]
    assert SILENT[outcome] in body
    assert "What to do: " in body


def test_an_extractor_that_broke_is_noticed_whatever_could_be_read_before(watched):
    (source,) = [row["source_id"] for row in watched.query("FROM source_list")]
    watched.record_poll(good_poll(source, START + timedelta(hours=1)))
    for days, seen, count in ((1, document(*TEXT), 9), (10, Outcome.UNREADABLE, 3)):
        at = START + timedelta(days=days)
        addresses = [f"https://harbour.example/{number}" for number in range(count)]
        watched.record([snapshot(at, seen, address) for address in addresses], Telling())
    (broke,) = troubles(watched, 0.0, START + timedelta(days=10))
    assert "extractor broke" in broke.what
    assert "in 3 pages no article was found" in broke.what


def names(archive, still=0.0, at=START):
    return [trouble.name.split()[0] for trouble in troubles(archive, still, at)]


def test_a_silent_source_a_still_schedule_and_a_disk_that_fills_are_trouble(watched, monkeypatch):
    assert names(watched) == ["source"]
    assert names(watched, still=301) == ["schedule", "source"]
    monkeypatch.setattr(disk, "free_bytes", lambda _: FILLS_BYTES - 1)
    assert names(watched) == ["disk", "source"]
    monkeypatch.setattr(disk, "free_bytes", lambda _: disk.RESERVE_BYTES - 1)
    (full, _) = troubles(watched, 0.0, START)
    assert full.what.startswith("The crawl pauses")


def test_a_channel_that_gave_up_alerts_is_trouble_that_it_is_not_asked_to_tell(tmp_path):
    archive = corrected(tmp_path, rules=(Rule("one", channels=("desk",)),))
    (alert, *_) = archive.query("FROM alert_list")
    tries = [Delivery(alert["alert_id"], "desk", n, "failed", "No.", START) for n in range(8)]
    archive.record_deliveries("desk", tries)
    (parked,) = troubles(archive, 0.0, START)
    assert (parked.name, parked.not_over) == ("channel desk", "desk")
    assert archive.note_troubles([parked], ["desk", "mail"], LINK_BASE, START) == 1
    (row,) = archive.query("SELECT channels, article FROM alert_list WHERE rule = 'watchdog'")
    assert row == {"channels": ["mail"], "article": None}


def test_what_it_finds_reaches_the_owner_once_over_a_real_receiver(watched):
    now = START

    def clock():
        return now

    with Sink() as sink, Postman(watched, {"desk": Channel(sink.address)}, clock) as postman:
        dog = Watchdog(
            watched, Owner(("desk",), LINK_BASE), Pulse(lambda: 0.0), clock, postman.tick
        )
        told = []
        for hours in (0, 1, 3, 4, 30):
            now = START + timedelta(hours=hours)
            told.append(dog.look())
            postman.finish()
        assert told == [0, 0, 1, 0, 0]
        ((_, content),) = sink.taken
    assert FEED in content["message"]
    assert "What to do: " in content["message"]


def test_it_looks_by_itself_apart_from_the_crawl(watched, monkeypatch):
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.01)
    later = START + timedelta(hours=9)
    rang = []
    watched.note_troubles(list(troubles(watched, 0.0, START)), [], LINK_BASE, START)
    dog = Watchdog(
        watched, Owner((), LINK_BASE), Pulse(lambda: 0.0), lambda: later, lambda: rang.append(1)
    )
    with dog:
        for _ in range(500):
            if rang:
                break
            dog._closing.wait(0.01)
    assert rang == [1]
