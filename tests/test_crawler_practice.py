"""The newsroom in ``up``: watched while nothing else is, until it is switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from crawler.practice import Practice
from store.archive import Archive, open_archive
from store.config import Config, NewsroomConfig

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
ANY_PORT = Config(newsroom=NewsroomConfig(port=0))
OFF = Config(newsroom=NewsroomConfig(enabled=False))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return open_archive(tmp_path / "archive.duckdb", create=True)


def feeds(archive: Archive, *, watching: bool = True) -> list[str]:
    rows = archive.query("FROM source_list WHERE kind = 'newsroom' AND watching = ?", [watching])
    return sorted(row["address"] for row in rows)


def test_an_empty_archive_gets_the_newsroom_and_may_reach_it(archive: Archive) -> None:
    with Practice(archive, ANY_PORT, lambda: START) as practice:
        assert len(feeds(archive)) == 2
        (host,) = practice.allowed(ANY_PORT.crawl).allow_hosts
        assert all(f"//{host}/" in feed for feed in feeds(archive))
        assert httpx.get(feeds(archive)[0]).status_code == 200


def test_an_archive_that_watches_something_does_not(archive: Archive) -> None:
    archive.watch_article("https://a.example/one", acted_at=START)
    with Practice(archive, ANY_PORT, lambda: START) as practice:
        assert feeds(archive) == []
        assert practice.allowed(ANY_PORT.crawl) == ANY_PORT.crawl


def test_a_restart_goes_on_at_the_same_addresses_where_the_stories_were(archive: Archive) -> None:
    with Practice(archive, ANY_PORT, lambda: START):
        before = feeds(archive)
    later = START + timedelta(minutes=10)
    with Practice(archive, Config(), lambda: later):
        assert feeds(archive) == before
        story = before[0].replace("feed.xml", "local/footbridge-gives-way-over-the-lune")
        assert "one person was counted twice" in httpx.get(story).text


def test_switched_off_it_stays_off(archive: Archive) -> None:
    with Practice(archive, ANY_PORT, lambda: START):
        pass
    for feed in feeds(archive):
        archive.unwatch(feed, acted_at=START)
    with Practice(archive, ANY_PORT, lambda: START) as practice:
        assert feeds(archive) == []
        assert practice.allowed(ANY_PORT.crawl) == ANY_PORT.crawl


def test_no_newsroom_switches_it_off(archive: Archive) -> None:
    with Practice(archive, ANY_PORT, lambda: START):
        pass
    with Practice(archive, OFF, lambda: START):
        assert feeds(archive) == []
        assert len(feeds(archive, watching=False)) == 2


def test_a_taken_port_leaves_the_newsroom_out_and_says_so(
    archive: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Practice(archive, ANY_PORT, lambda: START) as practice:
        port = int(practice.allowed(ANY_PORT.crawl).allow_hosts[0].rpartition(":")[2])
        other = open_archive(tmp_path / "other.duckdb", create=True)
        with Practice(other, Config(newsroom=NewsroomConfig(port=port)), lambda: START):
            assert feeds(other) == []
    assert "--newsroom-port" in caplog.text
