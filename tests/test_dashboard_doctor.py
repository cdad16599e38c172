"""doctor: each trouble has its line, and only what is broken makes it end with 1."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.checks import examine, surroundings
from dashboard.doctor import settings_with_origin
from dashboard.finding import Status
from dashboard.options import Chosen
from histories import corrected
from shell import storylapse
from store import disk, wal
from store.archive import open_archive
from store.config import CrawlConfig
from store.hosts import HostState
from store.model import Fetch, Link, Outcome, Snapshot, SourceKind, Why
from store.polls import Poll
from store.session import Sessions
from store.telling import Telling
from store.text import document_from_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STORY = "https://x.example/story"
FEED = "https://x.example/rss"


@pytest.fixture
def chosen(tmp_path):
    return Chosen(archive=tmp_path / "a.duckdb")


def found(chosen, now=NOW):
    return {one.check: one for one in examine(chosen.settings(), now)}


def kept(chosen):
    return open_archive(chosen.settings().archive, create=True)


def looked(archive, moment, outcome=Outcome.FAILED):
    article = archive.watch_article(STORY, acted_at=moment)
    fetch = Fetch(
        article, moment, moment, Why.FIRST, outcome, "timeout", "It did not answer within 20 s."
    )
    archive.record([Snapshot(fetch)], Telling((), "http://127.0.0.1:8501"))


def test_without_an_archive_there_is_only_a_warning(chosen):
    assert found(chosen)["archive"].status is Status.WARNING
    assert not chosen.archive.exists()


def test_a_fresh_archive_is_well(chosen):
    kept(chosen)
    assert {one.status for one in found(chosen).values()} == {Status.OK}


def test_a_file_that_is_no_archive_is_an_error(chosen):
    chosen.archive.write_bytes(b"notes" * 5000)
    assert found(chosen)["archive"].status is Status.ERROR


def test_an_article_in_trouble_is_shown_with_its_reason(chosen):
    looked(kept(chosen), NOW)
    trouble = found(chosen)["articles"]
    assert trouble.status is Status.WARNING
    assert STORY in trouble.message
    assert "did not answer" in trouble.message


def test_a_host_that_is_left_in_peace_is_named_until_its_pause_is_over(chosen):
    until = NOW + timedelta(hours=1)
    kept(chosen).remember(
        HostState(
            "n.example", paused_until=until, pause_reason="n.example asked to be left in peace"
        )
    )
    left = found(chosen)["host"]
    assert left.status is Status.WARNING
    assert left.message.startswith("n.example asked to be left in peace; no request goes there")
    assert "host" not in found(chosen, until + timedelta(minutes=1))


def test_a_check_from_the_future_tells_that_the_clock_was_set_back(chosen):
    looked(kept(chosen), NOW + timedelta(hours=3))
    assert found(chosen)["clock"].status is Status.WARNING
    assert found(chosen, NOW + timedelta(hours=4))["clock"].status is Status.OK


def test_a_clock_that_cannot_be_right_is_an_error():
    (clock,) = [
        one for one in surroundings(datetime(1970, 1, 1, tzinfo=UTC)) if one.check == "clock"
    ]
    assert clock.status is Status.ERROR


def read_well(source):
    links = (Link("https://news.example/2026/one"),)
    return Poll(source, NOW, NOW, Outcome.READ, "x", "It was read.", links=links)


@pytest.mark.parametrize(
    ("outcome", "later", "sentence"),
    [
        ("failed", timedelta(minutes=5), "It did not answer."),
        ("read", timedelta(days=2), "It was last asked at 2026-11-22 12:00 UTC"),
    ],
)
def test_a_source_that_fell_silent_is_named(chosen, outcome, later, sentence):
    archive = kept(chosen)
    source = archive.watch_source(FEED, SourceKind.FEED, acted_at=NOW)
    archive.record_poll(Poll(source, NOW, NOW, Outcome(outcome), "x", "It did not answer."))
    silent = found(chosen, NOW + later)["source"]
    assert silent.status is Status.WARNING
    assert FEED in silent.message
    assert sentence in silent.message


def test_a_source_asked_lately_is_well(chosen):
    archive = kept(chosen)
    source = archive.watch_source(FEED, SourceKind.FEED, acted_at=NOW)
    archive.record_poll(read_well(source))
    assert found(chosen, NOW + timedelta(minutes=5))["sources"].message == (
        "1 watched, none fell silent."
    )


def test_a_source_that_is_read_and_brings_nothing_is_named(chosen):
    archive = kept(chosen)
    source = archive.watch_source(FEED, SourceKind.FEED, acted_at=NOW)
    archive.record_poll(replace(read_well(source), links=()))
    assert "offered no address" in found(chosen, NOW + timedelta(minutes=5))["source"].message


def test_a_source_without_news_for_a_month_is_named(chosen):
    archive = kept(chosen)
    source = archive.watch_source(FEED, SourceKind.FEED, acted_at=NOW)
    archive.record_poll(read_well(source))
    later = NOW + timedelta(days=31)
    archive.record_poll(replace(read_well(source), started_at=later, finished_at=later))
    silent = found(chosen, later + timedelta(minutes=5))["source"]
    assert "nothing new since 2026-11-22" in silent.message


def test_every_value_names_where_it_came_from(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(
        "[crawl]\ntimeout_seconds = 7\n"
        '[[alerts.channels]]\nname = "me"\nurl = "mailto://user:secret@mail.example"\n'
    )
    chosen = Chosen(config=file, allow_hosts=("127.0.0.1:7001",))
    environ = {"STORYLAPSE_ARCHIVE": "x.duckdb", "STORYLAPSE__CRAWL__CONCURRENT_REQUESTS": "9"}
    told = settings_with_origin(chosen.settings(), chosen, environ)
    origins = {one.name: one.origin for one in told}
    assert origins["archive"] == "STORYLAPSE_ARCHIVE"
    assert origins["crawl.allow_hosts"] == "command line"
    assert origins["crawl.concurrent_requests"] == "STORYLAPSE__CRAWL__CONCURRENT_REQUESTS"
    assert origins["crawl.timeout_seconds"] == str(file)
    assert origins["dashboard.port"] == "default"
    assert "secret" not in str(told)


def test_a_wrong_configuration_is_one_error_line_and_ends_with_1(tmp_path):
    (tmp_path / "storylapse.toml").write_text("[crawl]\nconcurrent_requests = 0\n")
    said = storylapse("doctor", cwd=tmp_path)
    assert said.code == 1
    (line,) = [line for line in said.lines if line.startswith("error")]
    assert "crawl.concurrent_requests" in line


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('[[alerts.channels]]\nname = "me"\nurl_env = "NOT_SET_ANYWHERE"\n', "NOT_SET_ANYWHERE"),
        ('[[alerts.rules]]\nname = "r"\nkinds = ["corection"]\n', "Did you mean 'correction'?"),
    ],
)
def test_alerts_that_could_not_be_sent_are_an_error(tmp_path, table, sentence):
    (tmp_path / "s.toml").write_text(table)
    wrong = found(Chosen(archive=tmp_path / "a.duckdb", config=tmp_path / "s.toml"))["channels"]
    assert wrong.status is Status.ERROR
    assert sentence in wrong.message


def test_a_damaged_response_is_found(chosen):
    archive = kept(chosen)
    body = b"what was received"
    article = archive.watch_article(STORY, acted_at=NOW)
    digest = hashlib.sha256(body + b" and changed").hexdigest()  # as if the disk had changed it
    fetch = Fetch(
        article, NOW, NOW, Why.FIRST, Outcome.UNREADABLE, "x", "No article.", body_digest=digest
    )
    archive.record([Snapshot(fetch, body)], Telling((), "http://127.0.0.1:8501"))
    assert found(chosen)["whole"].status is Status.ERROR
    assert digest in found(chosen)["whole"].message


def test_a_budget_too_thin_for_what_is_watched_is_a_warning(chosen):
    archive = kept(chosen)
    addresses = [f"https://x.example/{number}" for number in range(20)]
    numbers = archive.watch_articles(addresses, acted_at=NOW)
    document = document_from_text("It is so.", STORY)
    snapshots = [
        Snapshot(
            Fetch(number, NOW, NOW, Why.FIRST, Outcome.READ, "read", "It was read."),
            None,
            document,
        )
        for number in numbers
    ]
    archive.record(snapshots, Telling((), "http://127.0.0.1:8501"))
    assert found(chosen)["budgets"].status is Status.OK
    thin = chosen.settings().model_copy(update={"crawl": CrawlConfig(requests_per_day=100)})
    (finding,) = [each for each in examine(thin, NOW) if each.check == "budgets"]
    assert finding.status is Status.WARNING
    assert "x.example, 9.6 times" in finding.message
    assert "requests_per_day" in finding.next_step


def test_all_of_it_is_read_when_asked_and_reads_well(chosen):
    archive = corrected(chosen.archive.parent)
    told = []
    every = examine(
        Chosen(archive=archive.path).settings(),
        NOW,
        everything=True,
        progress=lambda done, total: told.append((done, total)),
    )
    by_name = {one.check: one for one in every}
    assert by_name["facts"].status is by_name["tables"].status is Status.OK
    assert by_name["whole"].message == "Every version and response reads well (3 read)."
    assert told[-1] == (3, 3)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM documents", "3 versions without their document"),
        ("DELETE FROM comparisons", "changes without their comparison"),
        ("DELETE FROM fetches", "versions without the check or capture that showed them"),
        ("DELETE FROM articles", "versions of no article"),
        ("INSERT INTO versions FROM versions", "3 versions that are there twice"),
        ("UPDATE article_states SET current_version = 9", "newest version is missing"),
    ],
)
def test_findings_without_their_facts_are_counted(chosen, damage, said):
    archive = corrected(chosen.archive.parent)
    with Sessions(archive.path).writing() as connection:
        connection.execute(damage)
    found = [*examine(Chosen(archive=archive.path).settings(), NOW)]
    (facts,) = [one for one in found if one.check == "facts" and said in one.message]
    assert facts.status is Status.ERROR
    assert {one.check for one in found} >= {"whole", "budgets", "layouts"}, "the others go on"


def test_a_block_that_rotted_on_the_disk_is_found_and_the_other_checks_go_on(chosen):
    archive = corrected(chosen.archive.parent)
    Sessions(archive.path).fold_in()
    with archive.path.open("r+b") as file:  # every block after the head
        for place in range(12288 + 262144, archive.path.stat().st_size, 262144):
            file.seek(place + 100)
            file.write(b"rot")
    found = [*examine(Chosen(archive=archive.path).settings(), NOW, everything=True)]
    assert any(one.status is Status.ERROR and "Corrupt" in one.message for one in found)
    assert any("estore a backup" in (one.message + (one.next_step or "")) for one in found)


def test_a_log_that_was_set_aside_is_named_until_somebody_removes_it(chosen):
    archive = kept(chosen)
    wal.leave_notice(archive.path.with_name("a.duckdb.wal.unreadable-1"), "The log was damaged.")
    log = found(chosen)["log"]
    assert log.status is Status.WARNING
    assert log.message == "The log was damaged."


def test_a_disk_that_is_nearly_full_is_told_before_it_is(chosen, monkeypatch):
    kept(chosen)
    for free, status in ((10 * 2**20, Status.ERROR), (2**30, Status.WARNING)):
        monkeypatch.setattr(disk, "free_bytes", lambda _, free=free: free)
        assert found(chosen)["disk"].status is status


def test_a_clock_that_was_set_back_is_told(chosen):
    archive = kept(chosen)
    looked(archive, NOW)
    looked(archive, NOW - timedelta(hours=5))
    every = [*examine(chosen.settings(), NOW, everything=True)]
    assert any(one.check == "clock" and "set back" in one.message for one in every)
