"""Forgetting an article: nothing of it is left, in the tables or the file; nothing else goes."""

import random
from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from histories import ADDRESS, START, TEXT, archive_of, corrected, document, snapshot
from store import bodies
from store.address import article_id
from store.backup import back_up
from store.errors import UnknownArticle
from store.export.scratch import copied, scratch
from store.model import Link, Outcome, SourceKind
from store.polls import Poll
from store.remains import left_behind
from store.telling import Telling
from test_store_rejudging import captured

OTHER = "https://harbour.example/lighthouse"
NEW = "https://harbour.example/ferries-again"
ASKED = "https://harbour.example/ferries-for-me"
FEED = "https://harbour.example/feed"
RARE = "".join(random.Random(7).choices("bcdfghjklmnpqrstvwxz", k=60))
FORGOTTEN_AT = START + timedelta(days=1)


def two_stories(folder):
    """An article with a history of its own, and one that shares a sentence with it."""
    archive = corrected(folder)
    archive.watch_article(OTHER, acted_at=START)
    shared = document(TEXT[1], "The lamp was lit at six.", address=OTHER, headline=RARE)
    archive.record([snapshot(START, shared, OTHER)], Telling())
    return archive


def offered(archive, *addresses: str) -> list[int]:
    """The articles that a feed brings up when it offers these."""
    number = archive.watch_source(FEED, SourceKind.FEED, acted_at=FORGOTTEN_AT)
    links = tuple(map(Link, addresses))
    poll = Poll(number, FORGOTTEN_AT, FORGOTTEN_AT, Outcome.READ, "read", "It was read.")
    return archive.record_poll(replace(poll, links=links))


def retold(seen, address: str):
    """The same look, made for another article."""
    return replace(seen, fetch=replace(seen.fetch, article_id=article_id(address)))


def rows_with(archive, article: int) -> dict[str, int]:
    with archive.reading() as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_columns() WHERE column_name = 'article_id' "
            "AND table_name IN (SELECT table_name FROM duckdb_tables()) "
            "AND table_name <> 'forgotten'"
        ).fetchall()
        return {
            name: connection.execute(
                f"SELECT count(*) FROM {name} WHERE article_id = ?", [article]
            ).fetchone()[0]
            for (name,) in tables
        }


def test_nothing_of_it_is_left_in_any_table(tmp_path):
    archive = two_stories(tmp_path)
    gone = article_id(ADDRESS)
    assert {name for name, count in rows_with(archive, gone).items() if count} >= {
        "articles", "fetches", "versions", "comparisons", "changes", "notes", "events", "alerts",
    }  # fmt: skip
    archive.forget(gone, acted_at=FORGOTTEN_AT)
    assert not any(rows_with(archive, gone).values())
    with pytest.raises(UnknownArticle):
        archive.article_id(ADDRESS)
    texts = [row["text"] for row in archive.query("SELECT text FROM sentences")]
    assert not any("12 of them" in text or "14 of them" in text for text in texts)
    assert archive.query("SELECT count(*) AS n FROM deliveries")[0]["n"] == 0


def test_what_another_article_says_too_stays_and_nothing_else_moves(tmp_path):
    archive = two_stories(tmp_path)
    before = archive.document(article_id(OTHER), 1)
    checks = archive.query("FROM check_list WHERE article_id = ?", [article_id(OTHER)])
    archive.forget(article_id(ADDRESS), acted_at=FORGOTTEN_AT)
    assert archive.document(article_id(OTHER), 1) == before
    assert archive.query("FROM check_list WHERE article_id = ?", [article_id(OTHER)]) == checks
    archive.record([snapshot(START + timedelta(hours=1), before, OTHER)], Telling())
    assert archive.query("SELECT checks FROM article_list")[0]["checks"] == 2


def test_the_words_are_gone_from_the_file_too(tmp_path):
    archive = two_stories(tmp_path)
    archive.watch_article(OTHER + "/2", acted_at=START)
    archive.fold_in()
    assert RARE.encode() in archive.path.read_bytes()
    archive.forget(article_id(OTHER), acted_at=FORGOTTEN_AT)
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert RARE.encode() not in left
    assert OTHER.encode() + b"\0" not in left


def test_a_tombstone_keeps_sources_from_bringing_it_back(tmp_path):
    archive = two_stories(tmp_path)
    archive.forget(article_id(ADDRESS), acted_at=FORGOTTEN_AT)
    (row,) = archive.query("FROM forgotten_list")
    assert row["article_id"] == article_id(ADDRESS)
    assert row["forgotten_at"] == FORGOTTEN_AT


def test_pages_packed_against_a_page_that_is_gone_are_packed_anew(tmp_path):
    archive = archive_of(tmp_path, document(*TEXT))
    with archive._sessions.writing() as connection:
        first, second = RARE.encode() * 50, RARE.encode() * 50 + b" and more"
        rows = [
            ("aa", None, len(first), bodies.pack(first, None)),
            ("bb", "aa", len(second), bodies.pack(second, first)),
        ]
        for row in rows:
            connection.execute("INSERT INTO bodies VALUES (?, ?, ?, ?, now())", row)
        connection.execute("UPDATE fetches SET body_digest = 'aa'")
    archive.watch_article(OTHER, acted_at=START)
    archive.record([snapshot(START, document("Other."), OTHER)], Telling())
    with archive._sessions.writing() as connection:
        connection.execute(
            "UPDATE fetches SET body_digest = 'bb' WHERE article_id = ?", [article_id(OTHER)]
        )
    archive.forget(article_id(ADDRESS), acted_at=FORGOTTEN_AT)
    assert archive.body("aa") is None
    assert archive.body("bb") == second


def test_no_source_brings_it_back_and_a_person_does(tmp_path):
    archive = two_stories(tmp_path)
    archive.forget(article_id(ADDRESS), acted_at=FORGOTTEN_AT)
    assert offered(archive, ADDRESS, OTHER, NEW) == [article_id(NEW)]
    with pytest.raises(UnknownArticle):
        archive.article_id(ADDRESS)
    assert archive.watch_article(ADDRESS, acted_at=FORGOTTEN_AT) == archive.article_id(ADDRESS)
    assert archive.query("FROM forgotten_list") == []


def test_a_new_address_that_a_source_offers_brings_nothing_of_it_back(tmp_path):
    archive = two_stories(tmp_path)
    archive.forget(article_id(ADDRESS), acted_at=FORGOTTEN_AT)
    offered(archive, NEW)
    led_there = snapshot(FORGOTTEN_AT, document(*TEXT), NEW)
    led_there = replace(led_there, fetch=replace(led_there.fetch, final_address=ADDRESS))
    (result,) = archive.record([led_there], Telling())
    assert (result.outcome, result.version) == (Outcome.MOVED, None)
    (check,) = archive.query("FROM check_list WHERE article_id = ?", [article_id(NEW)])
    assert ADDRESS not in str(check)
    archive.watch_article(ASKED, acted_at=FORGOTTEN_AT)
    (result,) = archive.record([retold(led_there, ASKED)], Telling())
    assert result.version == 1, "a person asked for it, at whatever address it stands"


def test_web_archives_bring_it_back_only_where_it_is_asked_for(tmp_path):
    archive = two_stories(tmp_path)
    gone = article_id(ADDRESS)
    archive.forget(gone, acted_at=FORGOTTEN_AT)
    seen = [captured(START, document(*TEXT))]
    assert archive.record_captures(seen, acted_at=FORGOTTEN_AT) == 0
    assert archive.query("FROM capture_list") == []
    assert archive.record_captures(seen, acted_at=FORGOTTEN_AT, asked={gone}) == 1
    assert archive.article_id(ADDRESS) == gone
    assert archive.query("FROM forgotten_list") == []


def test_what_killed_work_left_behind_goes_too(tmp_path):
    archive = two_stories(tmp_path)
    killed = tmp_path / f"{archive.path.name}.export-killed"
    killed.mkdir()
    for name in ("lock", "archive.duckdb"):
        (killed / name).write_bytes(RARE.encode())
    archive.path.with_name(f"{archive.path.name}.trial").write_bytes(RARE.encode())
    archive.forget(article_id(OTHER), acted_at=FORGOTTEN_AT)
    assert left_behind(archive, FORGOTTEN_AT) == []
    assert not killed.exists()
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert RARE.encode() not in left


def test_each_file_beside_the_archive_that_may_still_hold_it_is_named(tmp_path):
    archive = two_stories(tmp_path)
    log = archive.path.with_name(f"{archive.path.name}.wal.unreadable-20261122T100000Z")
    log.write_bytes(b"damaged")
    log.with_name(f"{log.name}.txt").write_text("It was damaged.")
    (tmp_path / "old").mkdir()
    backup = back_up(archive, tmp_path / "old" / "last week.duckdb")
    (tmp_path / "empty").mkdir()
    others = back_up(archive_of(tmp_path / "empty", document(*TEXT)), tmp_path / "others.duckdb")
    with duckdb.connect(tmp_path / "accounts.duckdb") as foreign:
        foreign.execute("CREATE TABLE articles (price INTEGER)")
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(others.read_bytes()[:100])
    gone = article_id(OTHER)
    archive.forget(gone, acted_at=FORGOTTEN_AT)
    files = set(tmp_path.rglob("*"))
    said = left_behind(archive, FORGOTTEN_AT)
    assert [one.partition(",")[0].partition(" holds")[0] for one in said[:1] + said[2:]] == [
        str(log),
        str(backup),
    ]
    assert said[1].startswith(f"{broken} may hold it, and cannot be looked into: ")
    assert f"run 'storylapse --archive '{backup}' forget {gone:x}'" in said[2]
    assert set(tmp_path.rglob("*")) == files, "looking leaves nothing behind"


def test_an_export_that_is_under_way_is_said_and_left_alone(tmp_path):
    archive = two_stories(tmp_path)
    with scratch(archive) as folder:
        copied(archive, folder)
        archive.forget(article_id(OTHER), acted_at=FORGOTTEN_AT)
        (said,) = left_behind(archive, FORGOTTEN_AT)
        assert said.startswith("An export is under way")
        assert (folder / "archive.duckdb").exists()
    assert left_behind(archive, FORGOTTEN_AT) == []
