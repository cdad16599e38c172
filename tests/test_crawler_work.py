"""Between the crawl and the archive: batches, and one page's trouble that stays its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from crawler import work
from crawler.parsers import ParserPool
from crawler.work import Work
from store import schedule
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.config import CrawlConfig
from store.hosts import HostState
from store.model import (
    Document,
    Due,
    Fetch,
    Link,
    Outcome,
    Recorded,
    Snapshot,
    SourceKind,
    Why,
)
from store.polls import Poll
from store.telling import Telling
from store.text import document_from_text

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)


class Bench:
    """A work with an archive, and what it told."""

    def __init__(self, place: Path, config: CrawlConfig | None = None) -> None:
        self.now = START
        self.archive: Archive = open_archive(place, create=True)
        self.told: list[Recorded] = []
        self.heard = threading.Condition()
        self.work = Work(
            self.archive,
            config or CrawlConfig(),
            Telling(DEFAULT_RULES, ""),
            lambda: self.now,
            self._hear,
            reader=ParserPool(1),  # starts a process when there is a page to read
        )

    def _hear(self, result: Recorded) -> None:
        with self.heard:
            self.told.append(result)
            self.heard.notify()

    def wait(self, count: int) -> list[Recorded]:
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.told) >= count, 20)
        return self.told

    def snapshot(self, article: int, document: Document | None) -> Snapshot:
        fetch = Fetch(article, self.now, self.now, Why.DUE, Outcome.READ, "read", "It was read.")
        return Snapshot(fetch, None, document)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive.duckdb")
    yield made
    made.work.close()


def test_an_article_is_handed_out_once_until_it_is_recorded(bench: Bench) -> None:
    number = bench.archive.watch_article("https://a.example/one", acted_at=START)
    (due,) = bench.work.due()
    assert (due.article_id, due.why) == (number, Why.FIRST)
    assert bench.work.due() == []
    bench.work.seen(
        bench.snapshot(number, document_from_text("One. Two.", "https://a.example/one"))
    )
    bench.wait(1)
    assert bench.work.due() == [], "it was just read"
    bench.now += timedelta(days=1)
    (due,) = bench.work.due()
    assert due.why in {Why.DUE, Why.DEADLINE}


def test_a_page_our_own_code_fails_on_is_a_failed_check_and_the_others_are_recorded(
    bench: Bench,
) -> None:
    addresses = [f"https://a.example/{name}" for name in ("one", "two", "three")]
    numbers = bench.archive.watch_articles(addresses, acted_at=START)
    documents: list[object] = [document_from_text("A sentence.", address) for address in addresses]
    documents[1] = "no document at all"  # stands for any fault of ours
    for number, document in zip(numbers, documents, strict=True):
        bench.work.seen(bench.snapshot(number, document))  # type: ignore[arg-type]
    outcomes = {result.article_id: result.outcome for result in bench.wait(3)}
    assert outcomes == {
        numbers[0]: Outcome.READ,
        numbers[1]: Outcome.FAILED,
        numbers[2]: Outcome.READ,
    }
    (check,) = bench.archive.query("FROM check_list WHERE outcome = 'failed'")
    assert check["detail"] == "internal"


def test_what_the_archive_refuses_is_kept_and_recorded_once_it_takes_it(bench: Bench) -> None:
    number = bench.archive.watch_article("https://a.example/one", acted_at=START)
    there, aside = bench.archive.path, bench.archive.path.with_name("aside")
    there.rename(aside)
    bench.work.seen(bench.snapshot(number, document_from_text("One.", "https://a.example/one")))
    with bench.heard:
        assert not bench.heard.wait_for(lambda: bool(bench.told), 1.0), "not given up at once"
    aside.rename(there)
    assert [result.outcome for result in bench.wait(1)] == [Outcome.READ]


def test_what_is_refused_for_long_is_given_up_and_holds_nothing_up_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "RETRY_SECONDS", (0.01, 0.01))
    number = bench.archive.watch_article("https://a.example/one", acted_at=START)
    snapshot = bench.snapshot(number, document_from_text("One.", "https://a.example/one"))
    there, aside = bench.archive.path, bench.archive.path.with_name("aside")
    there.rename(aside)
    bench.work.seen(snapshot)
    (lost,) = bench.wait(1)
    assert (lost.outcome, lost.version) == (Outcome.FAILED, None)
    aside.rename(there)
    bench.work.seen(snapshot)
    assert bench.wait(2)[1].outcome is Outcome.READ


def test_a_poll_brings_its_articles_out_at_once_and_only_once(bench: Bench) -> None:
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    (asked,) = bench.work.sources.due()
    assert asked.source_id == source
    assert bench.work.sources.due() == []
    links = (Link("https://a.example/one"), Link("https://a.example/one?utm_source=feed"))
    poll = Poll(source, START, START, Outcome.READ, "read", "It offers 2 addresses.", links=links)
    assert [due.address for due in bench.work.polled(poll)] == ["https://a.example/one"]
    assert bench.work.polled(poll) == []


def test_a_source_that_fails_is_a_row_and_is_asked_again_later(bench: Bench) -> None:
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    bench.work.sources.due()
    failed = Poll(source, START, START, Outcome.FAILED, "timeout", "It took too long.")
    assert bench.work.polled(failed) == []
    assert bench.work.sources.due() == []
    bench.now += timedelta(hours=1)
    assert len(bench.work.sources.due()) == 1
    (row,) = bench.archive.query("FROM source_list")
    assert (row["last_outcome"], row["last_reason"]) == ("failed", "It took too long.")


def test_closing_records_what_is_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "archive.duckdb")
    number = bench.archive.watch_article("https://a.example/one", acted_at=START)
    bench.work.seen(bench.snapshot(number, document_from_text("One.", "https://a.example/one")))
    bench.work.close()
    assert len(bench.archive.query("FROM check_list")) == 1


def test_a_clock_that_was_set_back_a_day_costs_one_look_and_no_wait(bench: Bench) -> None:
    address = "https://a.example/one"
    number = bench.archive.watch_article(address, acted_at=START)
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    for wanted in ([number], [number], []):
        assert [due.article_id for due in bench.work.due()] == wanted
        if wanted:
            told = len(bench.told)
            bench.work.seen(bench.snapshot(number, document_from_text("One. Two.", address)))
            bench.wait(told + 1)
            bench.now -= timedelta(days=1) * (told == 0)
    for wanted in ([source], [source], []):
        assert [due.source_id for due in bench.work.sources.due()] == wanted
        if wanted:
            poll = Poll(source, bench.now, bench.now, Outcome.READ, "read", "It offers nothing.")
            bench.work.polled(poll)
            bench.now -= timedelta(days=1) * (len(bench.archive.query("FROM polls")) == 1)


def read_at(bench: Bench, due: Due, text: str) -> None:
    told = len(bench.told)
    seen = bench.snapshot(due.article_id, document_from_text(text, "https://a.example/one"))
    fetch = replace(seen.fetch, because=due.because, signal=due.signal)
    bench.work.seen(replace(seen, fetch=fetch))
    bench.wait(told + 1)


def offered(source: int, moment: datetime, link: Link) -> Poll:
    return Poll(source, moment, moment, Outcome.READ, "read", "It offers 1.", links=(link,))


def test_a_feed_that_gives_an_article_a_newer_stamp_brings_it_out_at_once(bench: Bench) -> None:
    address = "https://a.example/one"
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    (first,) = bench.work.polled(offered(source, START, Link(address, "One", START, wording=1)))
    read_at(bench, first, "One. Two.")
    bench.now += timedelta(minutes=5)
    link = Link(address, "One", bench.now - timedelta(minutes=1), wording=1)
    assert bench.work.polled(offered(source, bench.now, link)) == []
    (due,) = bench.work.due()
    assert (due.why, due.signal) == (Why.SIGNAL, "stamp")
    read_at(bench, due, "One. Two. Three.")
    rows = bench.archive.query("FROM check_list ORDER BY started_at")
    assert [row["signal"] for row in rows] == [None, "stamp"]
    assert all(row["because"].endswith(".") for row in rows)


def test_signs_that_never_led_to_a_change_are_no_longer_followed(bench: Bench) -> None:
    address = "https://a.example/one"
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    (first,) = bench.work.polled(offered(source, START, Link(address, "One", START, wording=1)))
    read_at(bench, first, "One. Two.")
    followed = 0
    for _ in range(40):  # the stamp is the time of the poll, whatever happens to the article
        bench.now += timedelta(minutes=5)
        bench.work.plan.learn()
        bench.work.polled(offered(source, bench.now, Link(address, "One", bench.now, wording=1)))
        for due in bench.work.due():
            followed += due.why is Why.SIGNAL
            read_at(bench, due, "One. Two.")
    assert 20 < followed < 35


def test_what_another_process_watches_unwatches_and_fetches_is_met(bench: Bench) -> None:
    assert bench.work.due() == []
    beside = open_archive(bench.archive.path)
    one, two = beside.watch_articles(
        ["https://a.example/one", "https://a.example/two"], acted_at=bench.now
    )
    beside.unwatch("https://a.example/two", acted_at=bench.now)
    snapshot = bench.snapshot(one, document_from_text("One.", "https://a.example/one"))
    beside.record([snapshot], Telling(DEFAULT_RULES, ""))
    assert bench.work.due() == [], "the one was just read, the other is no longer watched"
    beside.watch_article("https://a.example/two", acted_at=bench.now)
    assert [due.article_id for due in bench.work.due()] == [two]


def test_every_tenth_look_and_every_deadline_asks_for_the_whole_page(bench: Bench) -> None:
    number = bench.archive.watch_article("https://a.example/one", acted_at=START)
    conditional: list[bool] = []
    for _ in range(200):
        bench.now += timedelta(hours=1)
        for due in bench.work.due():
            conditional.append(due.etag is not None)
            assert due.why is not Why.DEADLINE or due.etag is None
            snapshot = bench.snapshot(number, document_from_text("One.", "https://a.example/one"))
            told = len(bench.told)
            bench.work.seen(replace(snapshot, fetch=replace(snapshot.fetch, etag='"1"')))
            bench.wait(told + 1)
        if len(conditional) > 12:
            break
    assert conditional[1]
    assert not conditional[9]


def test_prices_and_learning_run_on_an_archive_with_nothing_in_it(bench: Bench) -> None:
    bench.work.plan.learn()
    bench.now += timedelta(hours=1)
    bench.work.plan.step_prices()
    assert bench.work.due() == []


def test_a_crawl_delay_is_taken_off_what_a_host_may_be_asked(bench: Bench) -> None:
    """Four minutes between requests are 360 looks a day: sixty articles cannot have one an hour."""
    bench.archive.remember(HostState("slow.example", delay_seconds=240.0))
    numbers = bench.archive.watch_articles(
        [f"https://{host}.example/{n}" for host in ("quick", "slow") for n in range(60)],
        acted_at=START,
    )
    for number in numbers:
        document = document_from_text(f"One is {number}. So it was.", "https://a.example/one")
        bench.work.seen(bench.snapshot(number, document))
    bench.wait(len(numbers))
    bench.now += timedelta(minutes=90)
    due = [due.address for due in bench.work.due()]
    asked = Counter("slow" if "slow" in address else "quick" for address in due)
    assert asked["quick"] == 60
    assert asked["slow"] < 30


def test_what_looks_found_is_learned_from_the_archive_alone(bench: Bench) -> None:
    """An outlet that changes at every look is looked at sooner than one that never does."""
    busy, quiet = bench.archive.watch_articles(
        ["https://busy.example/one", "https://quiet.example/one"], acted_at=START
    )
    for n in range(12):
        for number, text in ((busy, f"It is {n} now. So they say."), (quiet, "It is so.")):
            told = len(bench.told)
            document = document_from_text(text, "https://a.example/one")
            bench.work.seen(bench.snapshot(number, document))
            bench.wait(told + 1)
        bench.now += timedelta(minutes=20)
    with bench.archive.reading() as connection:
        looks = schedule.looks(connection, START - timedelta(days=1), 1_000)
    assert len(looks.found) == 22
    assert looks.found.sum() == looks.found[looks.article == busy].sum() > 8
    assert set(looks.end - looks.start) == {1_200.0}
    assert list(looks.changes_before[looks.article == busy][:3]) == [0, 1, 2]
    assert np.isnan(looks.changed_before[looks.article == quiet]).all()
    bench.work.plan.learn()
    first: list[int] = []
    for _ in range(180):
        bench.now += timedelta(minutes=1)
        first += [due.article_id for due in bench.work.due()]
    assert first == [busy, quiet]


def test_at_hosts_of_ones_own_a_deadline_sends_validators(tmp_path: Path) -> None:
    config = CrawlConfig(allow_hosts=("127.0.0.1:8000",))
    bench = Bench(tmp_path / "own.duckdb", config)
    page = "http://127.0.0.1:8000/one"
    number = bench.archive.watch_article(page, acted_at=START)
    looks: list[tuple[Why, bool]] = []
    for _ in range(12):
        bench.now += timedelta(seconds=30)
        for due in bench.work.due():
            looks.append((due.why, due.etag is not None))
            snapshot = bench.snapshot(number, document_from_text("One.", page))
            bench.work.seen(replace(snapshot, fetch=replace(snapshot.fetch, etag='"1"')))
            bench.wait(len(looks))
    bench.work.close()
    assert (Why.DEADLINE, True) in looks
    assert not looks[9][1], "the tenth look asks for the whole page all the same"
