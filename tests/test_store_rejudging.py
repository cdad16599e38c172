"""History made again from facts: checks of ours and captures of archives, in the order of time."""

import itertools
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

import duckdb

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
from store import rejudging
from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.model import Capture, Captured, Document, Outcome, Rule
from store.session import Sessions
from store.telling import Telling

HOUR = timedelta(hours=1)
WAYBACK = "web.archive.org"
FINDINGS = ("versions", "comparisons", "changes", "notes", "events", "passages", "article_states")
TELLING = Telling(DEFAULT_RULES, LINK_BASE)
OTHER = (TEXT[0].replace("12", "11"), *TEXT[1:])
SILENT = (TEXT[0].replace("12", "14"), *TEXT[1:])


def captured(at: datetime, seen: Document | Outcome, archive: str = WAYBACK) -> Captured:
    read = isinstance(seen, Document)
    capture = Capture(
        article_id=article_id(ADDRESS),
        article_address=ADDRESS,
        captured_at=at,
        read_at=START + 100 * HOUR,
        archive=archive,
        address=f"https://{archive}/web/{at:%Y%m%d%H%M%S}id_/{ADDRESS}",
        captured_address=ADDRESS,
        outcome=Outcome.READ if read else seen,
        detail="read" if read else "cookie_wall",
        reason="It was read." if read else "A cookie wall stood in the way.",
        digest="sha1:5VTABN2U6KLU44GIACYK5VACMXIHOM3P",
        status=200,
    )
    return Captured(capture, document=seen if read else None)


def backfill(archive: Archive, *seen: Captured) -> int:
    count = archive.record_captures(seen, acted_at=START + 100 * HOUR)
    for article in archive.unjudged():
        archive.judge_again(article)
    return count


def findings(archive: Archive) -> dict[str, list[dict]]:
    return {table: archive.query(f"SELECT * FROM {table} ORDER BY ALL") for table in FINDINGS}


def again(archive: Archive) -> None:
    archive.judge_again(article_id(ADDRESS))


def told(archive: Archive) -> list[tuple]:
    rows = archive.query("SELECT * FROM version_list ORDER BY version")
    return [(row["version"], row["seen_first_at"], row["captured_by"]) for row in rows]


def test_judging_again_what_was_only_seen_by_us_changes_nothing(tmp_path: Path):
    archive = corrected(tmp_path)
    before, alerts = findings(archive), archive.query("SELECT * FROM alerts ORDER BY ALL")
    again(archive)
    assert findings(archive) == before
    assert archive.query("SELECT * FROM alerts ORDER BY ALL") == alerts != []


def test_headline_tests_returns_and_held_readings_come_out_the_same_again(tmp_path: Path):
    stub = document(TEXT[0], headline="Port counts its ferries")
    shouting = document(*TEXT, headline="Ferries counted!")
    archive = archive_of(
        tmp_path,
        document(*TEXT), shouting, document(*TEXT), Outcome.FAILED, document(*SILENT),
        document(*SILENT), shouting, shouting, shouting, stub, stub, document(*TEXT),
        Outcome.GONE, Outcome.GONE, Outcome.GONE, document(*TEXT),
    )  # fmt: skip
    before = findings(archive)
    again(archive)
    assert findings(archive) == before


def test_captures_before_our_first_check_come_first_and_raise_no_alert(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT, note=CORRECTION))
    count = backfill(
        archive,
        captured(START - 2 * HOUR, document(*SILENT)),
        captured(START - 9 * HOUR, document(*OTHER)),
    )
    assert count == 2
    assert told(archive) == [
        (1, START - 9 * HOUR, WAYBACK),
        (2, START - 2 * HOUR, WAYBACK),
        (3, START, None),
    ]
    assert archive.query("SELECT * FROM alert_list") == []
    moves = archive.query("FROM queue ORDER BY new_version")
    assert [
        (
            row["checked_before_at"],
            row["checked_before_by"],
            row["seen_first_at"],
            row["captured_by"],
        )
        for row in moves
    ] == [
        (START - 9 * HOUR, WAYBACK, START - 2 * HOUR, WAYBACK),
        (START - 2 * HOUR, WAYBACK, START, None),
    ]


def test_our_first_check_after_a_backfill_raises_no_alert_and_the_next_does(tmp_path: Path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    backfill(archive, captured(START - 5 * HOUR, document(*OTHER)))
    archive.watch_article(ADDRESS, acted_at=START)
    first = archive.record([snapshot(START, document(*TEXT, note=CORRECTION))], TELLING)[0]
    assert (first.version, first.changes > 0, first.alerts) == (2, True, 0)
    then = archive.record([snapshot(START + HOUR, document(*SILENT, note=CORRECTION))], TELLING)[0]
    assert then.version == 3
    silent = archive.query("FROM queue WHERE new_version = 3")[0]
    assert (silent["checked_before_at"], silent["checked_before_by"]) == (START, None)


def test_a_headline_that_an_archive_saw_last_is_not_told_when_we_see_it_hold(tmp_path: Path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    shouting = document(*TEXT, headline="Every ferry is sound")
    backfill(
        archive,
        captured(START - 5 * HOUR, document(*TEXT)),
        captured(START - 4 * HOUR, shouting),
    )
    archive.watch_article(ADDRESS, acted_at=START)
    rules = (Rule("all", kinds=("any",)),)
    results = archive.record(
        [snapshot(START + n * HOUR, shouting) for n in range(4)], Telling(rules, LINK_BASE)
    )
    assert [one.alerts for one in results] == [0, 0, 0, 0]
    assert archive.query("SELECT held_by FROM queue") == [{"held_by": None}]


def test_a_headline_that_we_see_first_after_an_archive_is_not_told_as_new(tmp_path: Path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    backfill(archive, captured(START - 5 * HOUR, document(*TEXT)))
    archive.watch_article(ADDRESS, acted_at=START)
    rules = (Rule("all", kinds=("any",)),)
    shouting = document(*TEXT, headline="Every ferry is sound")
    results = archive.record(
        [snapshot(START + n * HOUR, shouting) for n in range(4)], Telling(rules, LINK_BASE)
    )
    assert [one.alerts for one in results] == [0, 0, 0, 0]
    assert archive.query("SELECT held_by FROM queue") == [{"held_by": None}]


def test_a_capture_between_two_checks_of_ours_gets_its_place_between_them(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT), document(*SILENT))
    half = START + HOUR / 2
    backfill(archive, captured(half, document(*OTHER)))
    assert told(archive) == [(1, START, None), (2, half, WAYBACK), (3, START + HOUR, None)]
    assert archive.document(article_id(ADDRESS), 3) == archive.document(article_id(ADDRESS), 3)
    rows = archive.query("FROM queue ORDER BY new_version")
    assert [(row["checked_before_at"], row["checked_before_by"]) for row in rows] == [
        (START, None), (half, WAYBACK)
    ]  # fmt: skip


def test_a_capture_that_shows_our_state_narrows_the_interval(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT), document(*SILENT))
    late = START + timedelta(minutes=50)
    backfill(archive, captured(late, document(*TEXT)))
    row = archive.query("FROM queue")[0]
    assert (row["checked_before_at"], row["checked_before_by"]) == (late, WAYBACK)
    assert told(archive) == [(1, START, None), (2, START + HOUR, None)]


def test_a_state_that_an_archive_saw_before_us_is_its_version_and_ours_confirms_it(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT), document(*TEXT))
    backfill(archive, captured(START - HOUR, document(*TEXT)))
    assert told(archive) == [(1, START - HOUR, WAYBACK)]
    row = archive.query("FROM version_list")[0]
    assert row["first_check"] is None
    assert row["capture_address"].startswith("https://web.archive.org/web/20261122080000id_/")
    assert row["capture_read_at"] == START + 100 * HOUR
    article = archive.query("FROM article_list")[0]
    assert (article["checks"], article["first_read_at"]) == (2, START)


def test_what_alerts_point_at_stays_what_they_pointed_at(tmp_path: Path):
    archive = corrected(tmp_path)
    query = "SELECT alert_id, kind, version, link, body FROM alert_list ORDER BY kind"
    correction = archive.query(query)[0]
    assert correction["version"] == 3
    backfill(archive, captured(START - HOUR, document(*OTHER)))
    moved = archive.query(query)[0]
    assert moved == correction | {"version": 4}


def test_links_of_alerts_from_before_links_named_checks_follow_the_numbers(tmp_path: Path):
    archive = corrected(tmp_path)
    with archive._sessions.writing() as connection:
        connection.execute("UPDATE alerts SET link = 'http://a/article?article=1&old=2&new=3'")
    backfill(archive, captured(START - HOUR, document(*OTHER)))
    links = {row["link"] for row in archive.query("FROM alert_list")}
    assert links == {"http://a/article?article=1&old=3&new=4"}


def test_what_was_no_article_is_kept_as_a_capture_and_makes_no_version(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT))
    backfill(archive, captured(START - HOUR, Outcome.BLOCKED))
    assert told(archive) == [(1, START, None)]
    row = archive.query("FROM capture_list")[0]
    assert (row["outcome"], row["detail"], row["archive"]) == ("blocked", "cookie_wall", WAYBACK)


def test_a_capture_is_kept_once(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT))
    one = captured(START - HOUR, document(*OTHER))
    assert [backfill(archive, one, one), backfill(archive, one)] == [1, 0]
    assert len(archive.query("FROM capture_list")) == 1


def test_the_order_in_which_captures_arrive_does_not_matter(tmp_path: Path):
    seen = [
        captured(START - 3 * HOUR, document(*OTHER)),
        captured(START - 2 * HOUR, document(*OTHER, headline="Ferries counted twice")),
        captured(START - HOUR, document(*SILENT, headline="Ferries counted twice")),
        captured(START + HOUR / 2, document(*TEXT)),
    ]
    made = []
    for name, order in (("a", seen), ("b", seen[::-1])):
        (tmp_path / name).mkdir()
        archive = archive_of(tmp_path / name, document(*TEXT), document(*SILENT, note=CORRECTION))
        for one in order:
            backfill(archive, one)
        made.append(findings(archive))
    assert made[0] == made[1]
    assert len(made[0]["versions"]) == 5


def test_after_captures_newer_than_our_checks_the_next_look_is_unconditional(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT))
    backfill(archive, captured(START + 3 * HOUR, document(*SILENT)))
    row = archive.query("FROM schedule_list")[0]
    assert (row["etag"], row["last_modified"], row["body_digest"]) == (None, None, None)
    assert archive.query("FROM article_list")[0]["current_version"] == 2
    back = archive.record([snapshot(START + 5 * HOUR, document(*TEXT))], TELLING)[0]
    assert back.version is None
    assert archive.query("FROM article_list")[0]["current_version"] == 1


def test_a_clock_that_was_set_back_keeps_our_checks_in_the_order_we_made_them(tmp_path: Path):
    archive = archive_of(tmp_path, document(*TEXT))
    for hours, seen in ((-24, document(*SILENT)), (-23, document(*OTHER))):
        archive.record([snapshot(START + hours * HOUR, seen)], TELLING)
    before = findings(archive)
    again(archive)
    assert findings(archive) == before


def test_an_archive_from_before_captures_learns_what_its_checks_showed(tmp_path: Path):
    path = tmp_path / "old.duckdb"
    schema = resources.files("store") / "schema"
    with duckdb.connect(str(path)) as old:
        old.execute("CREATE TABLE migrations (number INTEGER NOT NULL, applied_at TIMESTAMP)")
        for number, name in ((1, "0001_start.sql"), (2, "0002_repeated_passages.sql")):
            old.execute((schema / name).read_text("utf-8"))
            old.execute("INSERT INTO migrations VALUES (?, ?)", [number, datetime(2026, 1, 1)])  # noqa: DTZ001
        old.execute(
            """INSERT INTO fetches (fetch_id, article_id, started_at, finished_at, why, outcome,
                                    detail, reason, document_print)
               SELECT n, 1, now(), now(), 'due', o, '', '', p
               FROM (VALUES (1, 'read', 70), (2, 'unchanged', 70), (3, 'held', 80), (4, 'read', 80),
                            (5, 'failed', NULL), (6, 'unchanged', 99)) seen(n, o, p)"""
        )
        old.execute("INSERT INTO versions VALUES (1, 1, 1, 7, 70, now(), NULL)")
        old.execute("INSERT INTO versions VALUES (1, 2, 4, 8, 80, now(), now())")
    archive = open_archive(path)
    rows = archive.query("SELECT fetch_id, document_id FROM fetches ORDER BY fetch_id")
    assert [row["document_id"] for row in rows] == [7, 7, 8, 8, None, None]
    assert archive.query("FROM capture_list") == []


class Busy(Sessions):
    """Sessions of an archive in which something else is always done before one is back."""

    def __init__(self, archive: Archive, meanwhile: Callable[[], object]):
        super().__init__(archive.path)
        self.meanwhile = meanwhile

    @contextmanager
    def reading(self, limit_seconds: float = 30.0):
        with super().reading(limit_seconds) as connection:
            yield connection
        self.meanwhile()


def test_an_article_that_is_looked_at_without_a_pause_is_judged_again_all_the_same(tmp_path: Path):
    texts = itertools.cycle([document(*SILENT), document(*OTHER), document(*TEXT)])
    hours = itertools.count(10)
    archive = corrected(tmp_path)

    def look() -> None:
        archive.record([snapshot(START + next(hours) * HOUR, next(texts))], TELLING)

    look()
    rejudging.judge_again(Busy(archive, look), article_id(ADDRESS))
    in_haste = findings(archive)
    assert next(hours) == 12, "one look was recorded on the way"
    again(archive)
    assert findings(archive) == in_haste


def test_a_capture_of_long_ago_that_comes_in_meanwhile_gets_its_place(tmp_path: Path):
    archive = corrected(tmp_path)
    old = [captured(START - HOUR, document(*OTHER))]

    def bring() -> None:
        archive.record_captures(old, acted_at=START + 100 * HOUR)

    rejudging.judge_again(Busy(archive, bring), article_id(ADDRESS))
    assert archive.unjudged() == []
    assert told(archive)[0] == (1, old[0].capture.captured_at, WAYBACK)


def test_an_article_that_is_forgotten_meanwhile_stays_forgotten(tmp_path: Path):
    archive = corrected(tmp_path)
    number = article_id(ADDRESS)

    def remove() -> None:
        archive.forget(number, acted_at=START + 100 * HOUR)

    assert not rejudging.judge_again(Busy(archive, remove), number).anything
    assert not archive.judge_again(number).anything
    assert archive.query("FROM versions") == archive.query("FROM article_list") == []
