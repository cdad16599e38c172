"""History out of a real pywb on loopback, and out of servers that behave as archives should not."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.feeds import feed
from product import Product
from replay_server import Recorder, page, replaying
from shell import CORRECTION, STORY
from store.address import article_id
from store.archive import open_archive
from store.config import Config
from test_contracts import holds
from test_dashboard_pages import html_of, opened

ARTICLE = "https://news.example/bridge"
ONLY_BY_TIMEMAP = "https://news.example/tunnel"
FIRST, *REST = STORY.split("\n\n")
SILENT = [FIRST, REST[0].replace("12", "14"), *REST[1:]]
DECLARED = [FIRST, REST[0].replace("12", "11"), *REST[1:], CORRECTION]
WALL = page(
    "Before you continue",
    "We and our partners use cookies. Please accept all cookies to continue to our site.",
)


@pytest.fixture(scope="module")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pywb")
    made = Recorder(folder / "made.warc.gz")
    first = made.response(ARTICLE, "2026-03-01T08:00:00Z", page("Bridge closed", FIRST, *REST))
    made.revisit(ARTICLE, "2026-03-01T09:30:00Z", first, "2026-03-01T08:00:00Z")
    made.response(ARTICLE, "2026-03-01T10:00:00Z", WALL)
    made.response(
        ARTICLE.replace("https", "http"),
        "2026-03-01T11:00:00Z",
        page("Bridge closed", *SILENT, charset="latin-1"),
        headers=(("Content-Type", "text/html"),),
    )
    made.response(ARTICLE, "2026-03-01T12:00:00Z", b"gone", status="404 Not Found")
    made.response(ARTICLE, "2026-03-02T11:00:00Z", page("Bridge closed", *DECLARED))
    made.response(ONLY_BY_TIMEMAP, "2026-03-02T11:00:00Z", page("Tunnel opened", *SILENT))
    with replaying(folder, made.close()) as address:
        yield address


@pytest.fixture
def watcher(tmp_path: Path, pywb: str) -> Product:
    return Product(tmp_path / "archive.duckdb", (pywb.split("/")[2],))


def test_a_history_comes_out_of_a_pywb_in_order_with_its_provenance(watcher: Product, pywb: str):
    done = watcher.run("backfill", ARTICLE, "--archive-url", pywb, ok=(3,))
    assert "5 captures, 0 kept before, 4 read, 1 no article; 3 versions" in done.stderr
    log = watcher.json("log", ARTICLE)
    host = pywb.split("/")[2]
    assert [one["captured_by"] for one in log["versions"]] == [host] * 3
    assert [one["seen_first_at"] for one in log["versions"]] == [
        "2026-03-01T08:00:00Z",
        "2026-03-01T11:00:00Z",
        "2026-03-02T11:00:00Z",
    ]
    second = log["versions"][1]
    assert second["capture_address"] == f"{pywb}/20260301110000id_/http://news.example/bridge"
    # The revisit still showed the first state, and narrows the interval.
    assert second["checked_before_at"] == "2026-03-01T09:30:00Z"
    assert (second["first_check"], second["checked_before_by"]) == (None, host)
    assert (log["checks"], log["article"]["watching"]) == ([], False)
    assert [one["outcome"] for one in log["captures"]] == [
        "read", "read", "blocked", "read", "read"
    ]  # fmt: skip
    assert log["versions"][2]["kind"] == "correction"
    assert watcher.lines("alerts") == []


def test_a_second_backfill_asks_only_for_what_is_not_kept(watcher: Product, pywb: str):
    watcher.run("backfill", ARTICLE, "--archive-url", pywb, "--limit", "2")
    assert len(watcher.json("log", ARTICLE)["captures"]) == 2
    again = watcher.run("backfill", ARTICLE, "--archive-url", pywb, "--json", ok=(3,))
    assert len(again.stdout.splitlines()) == 3
    assert "2 kept before, 2 read" in again.stderr
    third = watcher.run("backfill", ARTICLE, "--archive-url", pywb, "--json")
    assert third.stdout == ""
    assert "5 kept before, 0 read" in third.stderr


def test_a_span_of_time_is_all_that_is_read(watcher: Product, pywb: str):
    span = ("--from", "2026-03-01T10:30", "--to", "2026-03-01T23:00")
    watcher.run("backfill", ARTICLE, "--archive-url", pywb, *span)
    (only,) = watcher.json("log", ARTICLE)["captures"]
    assert only["captured_at"] == "2026-03-01T11:00:00Z"


def test_what_the_archive_does_not_hold_is_said_so(watcher: Product, pywb: str):
    done = watcher.run("backfill", "https://news.example/none", "--archive-url", pywb, ok=(4,))
    assert "holds no capture of it; another archive may" in done.stderr


def test_the_json_of_a_capture_says_whose_it_is(watcher: Product, pywb: str):
    done = watcher.run("backfill", ONLY_BY_TIMEMAP, "--archive-url", pywb, "--json")
    row = json.loads(done.stdout)
    assert row["archive"] == pywb.split("/")[2]
    assert row["captured_at"] == "2026-03-02T11:00:00Z"
    assert (row["outcome"], row["address"]) == ("read", ONLY_BY_TIMEMAP)


def test_what_log_tells_of_captures_keeps_to_its_schema(watcher: Product, pywb: str):
    watcher.run("backfill", ARTICLE, "--archive-url", pywb, ok=(3,))
    log = watcher.json("log", ARTICLE)
    holds("log.json", log)
    assert log["article"]["address"] == ARTICLE
    assert {one["captured_address"] for one in log["captures"]} == {
        ARTICLE, ARTICLE.replace("https", "http")
    }  # fmt: skip
    for change in watcher.lines("changes"):
        holds("change.json", change)
    holds("document.json", watcher.json("show", f"{ARTICLE}@1"))


def test_a_feed_tells_nothing_that_an_archive_saw(watcher: Product, pywb: str):
    watcher.run("backfill", ARTICLE, "--archive-url", pywb, ok=(3,))
    archive = open_archive(watcher.archive)
    assert len(archive.query("FROM queue WHERE held_by IS NULL")) == 2
    assert (
        feed(archive, "http://x.test", "all", "", config=Config(), now=datetime.now(UTC)).entries
        == ()
    )


def test_the_articles_page_says_whose_captures_it_shows(
    watcher: Product, pywb: str, monkeypatch: pytest.MonkeyPatch
):
    watcher.run("backfill", ARTICLE, "--archive-url", pywb, ok=(3,))
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(watcher.archive))
    host = pywb.split("/")[2]
    shown = html_of(opened("article", article=f"{article_id(ARTICLE):x}", old="1", new="2"))
    words = re.sub(r"<[^>]*>", "", shown)
    assert f"Version 2 was captured by {host} on 1 Mar 11:00; read by us on" in words
    assert "We have not looked at it ourselves: all that is shown was captured by others." in words
    assert f"it stands at{pywb}/20260301110000id_/http://news.example/bridge" in words
