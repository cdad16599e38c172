"""Kept responses read again after an upgrade: what moved is counted, and nothing is told as new."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.answers import of_reading
from crawler.extract import EXTRACTOR, read_page
from crawler.parsers import ParserPool
from crawler.rereading import Desk, bring_up, catch_up, reread, stale
from histories import ADDRESS, CORRECTION, LINK_BASE, START, snapshot
from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.model import Block, BlockKind, Document, Outcome, Quality, Rule, Snapshot
from store.telling import Telling
from test_store_rejudging import captured

HOUR = timedelta(hours=1)
ARTICLE = article_id(ADDRESS)
TELLING = Telling((*DEFAULT_RULES, Rule("all", kinds=("any",))), LINK_BASE)
OLD = "storylapse-1 older"
TEASER = "Read more about the harbour in our great summer series on ports of the north."
FACTS = "SELECT * FROM {table} ORDER BY ALL"


def page(ferries: int, *, note: str = "", teaser: str = "") -> bytes:
    """A page of the outlet, as it is served."""
    paragraphs = (
        f"The port of Harbour counted its ferries on Sunday and found {ferries} in good order.",
        "The mayor said the fleet would be shown to the public in the spring of next year.",
        "Nobody was hurt when the oldest ship left the yard late in the evening, he said.",
        "The yard had been closed for eleven days because of the high water in the canal.",
        teaser,
        note,
    )
    text = "".join(f"<p>{one}</p>" for one in paragraphs if one)
    return (
        f"<html lang='en'><head><title>Port counts its ferries</title></head><body><article>"
        f"<h1>Port counts its ferries</h1>{text}</article></body></html>"
    ).encode()


def by_old_reader(body: bytes, teaser: str) -> Document:
    """What the revision before made of a page: the teaser was taken for a part of the text."""
    now = read_page(body, ADDRESS, "text/html")
    more = (Block(BlockKind.PARAGRAPH, teaser),) if teaser else ()
    return replace(now, blocks=now.blocks + more, extractor=OLD)


def look(hours: float, body: bytes, document: Document, *, kept: bool = True) -> Snapshot:
    seen = snapshot(START + hours * HOUR, document)
    fetch = replace(
        seen.fetch,
        body_digest=hashlib.sha256(body).hexdigest(),
        headers=(("Content-Type", "text/html; charset=utf-8"),),
    )
    return Snapshot(fetch, body if kept else None, document)


def now_read(hours: float, body: bytes) -> Snapshot:
    return look(hours, body, read_page(body, ADDRESS, "text/html"))


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(2) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, pool: ParserPool) -> Desk:
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    archive.watch_article(ADDRESS, acted_at=START)
    return Desk(archive, pool, lambda: START + 99 * HOUR)


def before_the_upgrade(archive: Archive, *, kept: bool = True) -> None:
    """Four looks by the revision before: a teaser that rotates, one real edit among it."""
    looks = ((12, "Teaser one."), (12, "Teaser two."), (14, "Teaser two."), (14, TEASER))
    for hours, (ferries, teaser) in enumerate(looks):
        body = page(ferries) + f"<!-- {teaser} -->".encode()
        archive.record([look(hours, body, by_old_reader(body, teaser), kept=kept)], TELLING)


def rows(archive: Archive, *tables: str) -> list[list[dict]]:
    return [archive.query(FACTS.format(table=table)) for table in tables]


def test_versions_that_were_reading_noise_vanish_and_the_real_edit_stays(desk: Desk):
    before_the_upgrade(desk.archive)
    assert desk.archive.query("FROM article_list")[0]["versions"] == 4
    facts = rows(desk.archive, "fetches", "bodies", "alerts", "deliveries", "watches")
    assert stale(desk.archive) == [ARTICLE]
    (one,) = reread(desk, stale(desk.archive), workers=2)
    assert (one.read, one.unreadable, one.moved.unlike) == (4, 0, 0)
    assert (one.moved.versions.before, one.moved.versions.after) == (4, 2)
    assert dict(one.moved.readers) == {EXTRACTOR: 2}
    (left,) = desk.archive.query("FROM queue")
    assert (left["old_version"], left["new_version"], left["held_by"]) == (1, 2, None)
    assert (left["checked_before_at"], left["seen_first_at"]) == (START + HOUR, START + 2 * HOUR)
    after = rows(desk.archive, "fetches", "bodies", "deliveries", "watches")
    assert after == [facts[0], facts[1], facts[3], facts[4]]
    assert stale(desk.archive) == []


def test_earlier_readings_stay_and_can_be_counted(desk: Desk):
    before_the_upgrade(desk.archive)
    list(reread(desk, stale(desk.archive)))
    readers = desk.archive.query("SELECT DISTINCT extractor FROM documents ORDER BY 1")
    assert [row["extractor"] for row in readers] == [OLD, EXTRACTOR]
    assert {row["extractor"] for row in desk.archive.query("FROM check_list")} == {OLD}


def test_alerts_stay_as_they_are_and_point_at_what_stood_then(desk: Desk):
    before_the_upgrade(desk.archive)
    ids = desk.archive.query("SELECT alert_id, body FROM alerts ORDER BY ALL")
    list(reread(desk, stale(desk.archive)))
    assert desk.archive.query("SELECT alert_id, body FROM alerts ORDER BY ALL") == ids != []
    versions = {row["version"] for row in desk.archive.query("FROM alert_list")}
    assert versions <= {1, 2}


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk):
    before_the_upgrade(desk.archive)
    tables = ("versions", "changes", "comparisons", "documents", "readings", "article_states")
    before = rows(desk.archive, *tables)
    (dry,) = reread(desk, stale(desk.archive), dry_run=True)
    assert rows(desk.archive, *tables) == before
    (wet,) = reread(desk, stale(desk.archive))
    assert wet.moved == dry.moved


def test_reading_everything_again_by_the_same_reader_moves_nothing(desk: Desk):
    for hours, ferries in enumerate((12, 14, 15)):
        desk.archive.record([now_read(hours, page(ferries))], TELLING)
    before = rows(desk.archive, "versions", "changes", "comparisons", "events", "article_states")
    (one,) = reread(desk, [ARTICLE], everything=True)
    assert (one.read, one.moved.anything) == (3, False)
    assert rows(
        desk.archive, "versions", "changes", "comparisons", "events", "article_states"
    ) == before  # fmt: skip


def test_an_upgrade_between_two_looks_is_never_told_as_an_edit(desk: Desk):
    before_the_upgrade(desk.archive)
    alerts = desk.archive.query("SELECT count(*) AS n FROM alerts")
    after = [now_read(5, page(14) + b"<!-- the page of today -->")]
    bring_up(desk, after)
    (result,) = desk.archive.record(after, TELLING)
    assert (result.outcome, result.version, result.alerts) == (Outcome.UNCHANGED, None, 0)
    assert desk.archive.query("SELECT count(*) AS n FROM alerts") == alerts


def test_an_edit_after_an_upgrade_is_told_without_what_only_the_reading_changed(desk: Desk):
    before_the_upgrade(desk.archive)
    after = [now_read(5, page(17, note=CORRECTION))]
    bring_up(desk, after)
    (result,) = desk.archive.record(after, TELLING)
    assert (result.version, result.alerts) == (5, 2)
    told = desk.archive.query("FROM change_list WHERE new_version = 5")
    assert {row["held_by"] for row in told} == {None}
    assert not any(TEASER in (row["old"] or "") for row in told)
    old, new = desk.archive.pair(ARTICLE, 4, 5)
    assert old.extractor == new.extractor == EXTRACTOR
    desk.archive.judge_again(ARTICLE)
    again = desk.archive.query("FROM change_list WHERE new_version = 2 AND old_version = 1")
    assert [(row["old"], row["new"]) for row in again if row["kind"] != "removed"] != []


def test_where_the_page_before_is_not_kept_a_version_begins_anew_and_is_not_told(desk: Desk):
    before_the_upgrade(desk.archive, kept=False)
    alerts = desk.archive.query("SELECT count(*) AS n FROM alerts")
    after = [now_read(5, page(14))]
    bring_up(desk, after)
    (result,) = desk.archive.record(after, TELLING)
    assert (result.version, result.alerts) == (5, 0)
    held = desk.archive.query("FROM queue WHERE held_by = 'reader'")
    assert [(row["old_version"], row["new_version"]) for row in held] == [(4, 5)]
    assert "another revision of the reader" in held[0]["reason"].lower()
    assert desk.archive.query("SELECT count(*) AS n FROM alerts") == alerts
    (then,) = desk.archive.record([now_read(6, page(17, note=CORRECTION))], TELLING)
    assert (then.version, then.alerts) == (6, 2)


def test_what_was_told_stays_told_where_pages_were_not_kept(desk: Desk):
    before_the_upgrade(desk.archive, kept=False)
    before = rows(desk.archive, "versions", "changes")
    assert stale(desk.archive) == []
    (one,) = reread(desk, [ARTICLE], everything=True)
    assert (one.read, one.moved.anything, dict(one.moved.readers)) == (0, False, {OLD: 4})
    assert rows(desk.archive, "versions", "changes") == before


def test_each_step_is_read_by_one_reader_where_only_the_newer_pages_are_kept(desk: Desk):
    body = page(12)
    desk.archive.record([look(0, body, by_old_reader(body, "A teaser."), kept=False)], TELLING)
    for hours, ferries in ((1, 14), (2, 15)):
        body = page(ferries)
        desk.archive.record([look(hours, body, by_old_reader(body, "A teaser."))], TELLING)
    (one,) = reread(desk, stale(desk.archive))
    assert (one.read, one.moved.unlike, one.moved.versions.after) == (2, 0, 3)
    assert dict(one.moved.readers) == {OLD: 2, EXTRACTOR: 1}
    assert [row["held_by"] for row in desk.archive.query("FROM queue")] == [None, None]


def test_a_page_that_the_new_gate_takes_for_no_article_brings_no_version(desk: Desk):
    wall = b"<html><body><h1>Log in</h1><p>Members only.</p></body></html>"
    assert of_reading(read_page(wall, ADDRESS, "text/html")).outcome is not Outcome.READ
    fooled = by_old_reader(page(12), "Log in to read on, members only.")
    for hours, body in enumerate((page(12), wall, page(14))):
        document = fooled if body == wall else by_old_reader(body, "")
        desk.archive.record([look(hours, body, document)], TELLING)
    (one,) = reread(desk, stale(desk.archive))
    assert (one.moved.versions.before, one.moved.versions.after, one.moved.versions.gone) == (
        3,
        2,
        1,
    )


def test_a_page_that_the_old_gate_refused_may_bring_a_version(desk: Desk):
    refused = Quality(is_article=False, detail="too_short", reason="It is too short.")
    for hours, ferries in enumerate((12, 14)):
        body = page(ferries)
        seen = look(hours, body, by_old_reader(body, ""))
        if ferries == 14:
            fetch = replace(seen.fetch, outcome=Outcome.UNREADABLE, detail="too_short")
            seen = Snapshot(fetch, body, replace(seen.document, quality=refused))
        desk.archive.record([seen], TELLING)
    assert desk.archive.query("FROM article_list")[0]["versions"] == 1
    (one,) = reread(desk, stale(desk.archive))
    assert (one.moved.versions.after, one.moved.versions.new) == (2, 1)
    assert desk.archive.query("FROM alert_list") == []


def test_what_appears_by_reading_again_is_not_told_by_the_next_look(desk: Desk):
    plain = page(12)
    shouting = plain.replace(b"<h1>Port counts", b"<h1>Port loses")
    document = by_old_reader(plain, "")
    desk.archive.record([look(0, plain, document)], TELLING)
    hidden = replace(document, blocks=(*document.blocks, Block(BlockKind.PARAGRAPH, TEASER)))
    desk.archive.record([look(1, shouting, hidden)], TELLING)
    alerts = desk.archive.query("SELECT count(*) AS n FROM alerts")
    list(reread(desk, stale(desk.archive)))
    kinds = [row["kind"] for row in desk.archive.query("FROM change_list")]
    assert kinds == ["headline"]
    for hours in range(2, 6):
        desk.archive.record([now_read(hours, shouting)], TELLING)
    assert desk.archive.query("SELECT count(*) AS n FROM alerts") == alerts


def test_captures_that_come_after_an_upgrade_are_held_against_the_same_reading(desk: Desk):
    before_the_upgrade(desk.archive)
    seen = read_page(page(11), ADDRESS, "text/html")
    desk.archive.record_captures([captured(START - HOUR, seen)], acted_at=START)
    catch_up(desk)
    assert desk.archive.unjudged() == []
    told = desk.archive.query("FROM queue ORDER BY new_version")
    assert [(row["new_version"], row["held_by"]) for row in told] == [(2, None), (3, None)]


def test_what_a_stop_left_unjudged_is_judged_by_the_next_run(desk: Desk):
    seen = read_page(page(11), ADDRESS, "text/html")
    desk.archive.record([now_read(0, page(12))], TELLING)
    desk.archive.record_captures([captured(START - HOUR, seen)], acted_at=START)
    again = open_archive(desk.archive.path)
    assert (again.unjudged(), stale(again)) == ([ARTICLE], [ARTICLE])
    assert again.judged_by_another("engine of today") == [ARTICLE]
    again.judge_again(ARTICLE)
    assert (again.unjudged(), again.query("FROM article_list")[0]["versions"]) == ([], 2)
