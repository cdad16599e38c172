"""What one run learned of hosts is there for the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store import hosts
from store.archive import Archive, open_archive
from store.hosts import HostState, RobotsFile
from store.model import Fetch, Outcome, Snapshot, Why
from store.telling import Telling

NOW = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)
FILE = RobotsFile("https://n.example/robots.txt", NOW, 200, b"User-agent: *\nDisallow: /x\n")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return open_archive(tmp_path / "a.duckdb", create=True)


def test_the_newest_state_of_a_host_is_remembered(archive: Archive) -> None:
    archive.remember(HostState("n.example", delay_seconds=3.0))
    newest = HostState("n.example", NOW, 9.0, NOW + timedelta(hours=1), "It asked", 2)
    archive.remember(newest)
    assert archive.remembered(NOW).hosts == (newest,)


def test_a_pause_is_never_crowded_out(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MOST_REMEMBERED", 1)
    paused = HostState("a.example", None, 0.0, NOW + timedelta(hours=1), "It asked", 0)
    archive.remember(HostState("b.example", asked_at=NOW, delay_seconds=9.0), paused)
    assert archive.remembered(NOW).hosts == (paused,)


def test_a_robots_file_is_remembered_for_a_day(archive: Archive) -> None:
    archive.remember(FILE)
    assert archive.remembered(NOW + timedelta(hours=23)).robots == (FILE,)
    assert archive.remembered(NOW + timedelta(hours=25)).robots == ()


def test_a_huge_robots_file_is_asked_for_again_instead(archive: Archive) -> None:
    archive.remember(RobotsFile(FILE.address, NOW, 200, b"#" * 100_000))
    assert archive.remembered(NOW).robots == ()


def test_a_recorded_check_tells_when_its_host_was_asked_last(archive: Archive) -> None:
    article = archive.watch_article("https://n.example/a", acted_at=NOW)
    fetch = Fetch(article, NOW, NOW, Why.FIRST, Outcome.FAILED, "timeout", "No answer came.")
    archive.record([Snapshot(fetch)], Telling())
    assert archive.remembered(NOW).hosts == (HostState("n.example", NOW),)
    assert archive.remembered(NOW + timedelta(hours=2)).hosts == ()
