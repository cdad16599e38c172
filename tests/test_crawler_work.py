"""Between the crawl and the archive: batches, and one page's trouble that stays its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.discovery import Poll
from crawler.work import Work
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.config import CrawlConfig
from store.model import (
    Document,
    Fetch,
    Link,
    Outcome,
    Recorded,
    Snapshot,
    SourceKind,
    Why,
)
from store.telling import Telling
from store.text import document_from_text

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)


class Bench:
    """A work with an archive, and what it told."""

    def __init__(self, place: Path) -> None:
        self.now = START
        self.archive: Archive = open_archive(place, create=True)
        self.told: list[Recorded] = []
        self.heard = threading.Condition()
        self.work = Work(
            self.archive, CrawlConfig(), Telling(DEFAULT_RULES, ""), lambda: self.now, self._hear
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


def test_a_poll_brings_its_articles_out_at_once_and_only_once(bench: Bench) -> None:
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    (asked,) = bench.work.due_polls()
    assert asked.source_id == source
    assert bench.work.due_polls() == []
    links = (Link("https://a.example/one"), Link("https://a.example/one?utm_source=feed"))
    poll = Poll(source, START, START, Outcome.READ, "read", "It offers 2 addresses.", links=links)
    assert [due.address for due in bench.work.polled(poll)] == ["https://a.example/one"]
    assert bench.work.polled(poll) == []


def test_a_source_that_fails_is_a_row_and_is_asked_again_later(bench: Bench) -> None:
    source = bench.archive.watch_source(
        "https://a.example/feed.xml", SourceKind.FEED, acted_at=START
    )
    bench.work.due_polls()
    failed = Poll(source, START, START, Outcome.FAILED, "timeout", "It took too long.")
    assert bench.work.polled(failed) == []
    assert bench.work.due_polls() == []
    bench.now += timedelta(hours=1)
    assert len(bench.work.due_polls()) == 1
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
        assert [due.source_id for due in bench.work.due_polls()] == wanted
        if wanted:
            poll = Poll(source, bench.now, bench.now, Outcome.READ, "read", "It offers nothing.")
            bench.work.polled(poll)
            bench.now -= timedelta(days=1) * (len(bench.archive.query("FROM polls")) == 1)
