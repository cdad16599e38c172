"""Why a source fell silent, and sources that rest and go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.silence import Silence, silence
from store.archive import open_archive
from store.model import SourceKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HEARD = {
    "added_at": NOW - timedelta(days=90),
    "last_poll_at": NOW - timedelta(minutes=4),
    "last_outcome": "unchanged",
    "last_links": 20,
    "news_at": NOW - timedelta(hours=3),
    "readable": 20,
    "unreadable": 0,
    "shut": 0,
}


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({}, None),
        ({"last_poll_at": None}, None),
        ({"news_at": NOW - timedelta(days=31)}, Silence.NO_NEWS),
        ({"last_outcome": "moved"}, Silence.MOVED),
        ({"last_outcome": "gone"}, Silence.MOVED),
        ({"last_outcome": "blocked"}, Silence.BLOCKED),
        ({"last_outcome": "refused"}, Silence.BLOCKED),
        ({"shut": 21}, Silence.BLOCKED),
        ({"last_outcome": "unreadable"}, Silence.BROKEN),
        ({"unreadable": 21}, Silence.BROKEN),
        ({"unreadable": 2, "readable": 1}, None),
        ({"last_links": 0}, Silence.EMPTY),
        ({"last_outcome": "failed"}, Silence.UNREACHED),
    ],
)
def test_a_silent_source_says_why(found: dict[str, object], why: Silence | None):
    said = silence(HEARD | found, NOW)
    assert (said and said[0]) is why
    assert said is None or said[1].endswith((".", "?", ")."))


def test_a_source_rests_with_its_articles_and_goes_on_with_them(tmp_path: Path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    source = archive.watch_source("https://a.example/feed", SourceKind.FEED, acted_at=NOW)
    kept, given_up = archive.watch_articles(
        ["https://a.example/1", "https://a.example/2"], acted_at=NOW
    )
    with archive._sessions.writing() as connection:
        connection.execute("UPDATE articles SET source_id = ?", [source])
    archive.unwatch("https://a.example/2", acted_at=NOW)

    def watched() -> set[int]:
        return {row["article_id"] for row in archive.query("FROM article_list WHERE watching")}

    archive.pause(source, acted_at=NOW)
    (row,) = archive.query("FROM source_list")
    assert (row["watching"], row["paused"], watched()) == (False, True, set())
    archive.resume(source, acted_at=NOW)
    (row,) = archive.query("FROM source_list")
    assert (row["watching"], row["paused"], watched()) == (True, False, {kept})
    assert given_up not in watched()
