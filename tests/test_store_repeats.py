"""Template noise in the archive: kept, countable, never told, and known as soon as it can be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from store import migrate
from store.address import article_id
from store.archive import open_archive
from store.model import Claims, Fetch, Outcome, Rule, Snapshot, Why
from store.session import Sessions
from store.telling import Telling
from store.templates import WINDOW
from store.text import document_from_text
from test_store_templates import FERRY, FOOTER, MARKET, SCHOOL

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
TELLING = Telling((Rule("everything", kinds=("any",), channels=("log",)),), "http://127.0.0.1:1")
FIRES = (
    "Firefighters fought several burning barns around Altona throughout Saturday night.\n\n"
    "Neighbours rescued horses and sheltered families whose farmhouses filled with smoke.\n\n"
    "Investigators suspect faulty wiring inside an abandoned granary beside the railway."
)
STORIES = {"ferry": FERRY, "school": SCHOOL, "market": MARKET, "fires": FIRES}


class Paper:
    """An outlet whose articles are read one after the other, a minute apart."""

    def __init__(self, archive, now=START):
        self.archive, self.now = archive, now

    def address(self, slug):
        return f"https://herald.example/{slug}"

    def reads(self, *seen):
        """Record pages given as (slug, text), in one batch."""
        snapshots = []
        for slug, text in seen:
            self.now += timedelta(minutes=1)
            address = self.address(slug)
            self.archive.watch_article(address, acted_at=START)
            document = replace(
                document_from_text(text, address),
                headline=f"About the {slug}",
                language="en",
                claims=Claims(outlet="The Herald"),
            )
            fetch = Fetch(
                article_id=article_id(address),
                started_at=self.now,
                finished_at=self.now,
                why=Why.DUE,
                outcome=Outcome.READ,
                detail="read",
                reason="The page was read.",
                status=200,
            )
            snapshots.append(Snapshot(fetch, None, document))
        return self.archive.record(snapshots, TELLING)

    def queue(self, condition):
        rows = self.archive.query(f"FROM queue WHERE {condition} ORDER BY seen_first_at")
        return [(row["address"].rsplit("/", 1)[1], row["kind"]) for row in rows]

    def told(self):
        return self.queue("held_by IS NULL")

    def held(self):
        return self.queue("held_by = 'template'")


@pytest.fixture
def paper(tmp_path):
    made = Paper(open_archive(tmp_path / "archive.duckdb", create=True))
    made.reads(*STORIES.items())
    return made


def footed(slug):
    return (slug, f"{STORIES[slug]}\n\n{FOOTER}")


def test_two_articles_are_told_and_the_third_makes_it_known(paper):
    paper.reads(footed("ferry"))
    paper.reads(footed("school"))
    assert paper.told() == [("ferry", "added"), ("school", "added")]
    (third,) = paper.reads(footed("market"))
    assert (third.changes, third.alerts) == (0, 0)
    assert paper.told() == []
    assert paper.held() == [("ferry", "added"), ("school", "added"), ("market", "added")]


def test_it_is_known_within_one_batch_too(paper):
    results = paper.reads(*map(footed, STORIES))
    assert [result.alerts for result in results] == [1, 1, 0, 0]
    assert paper.told() == []
    assert len(paper.held()) == 4


def test_alerts_that_were_raised_before_it_was_known_stand(paper):
    for slug in STORIES:
        paper.reads(footed(slug))
    assert len(paper.archive.query("FROM alert_list")) == 2


def test_what_changed_beside_the_furniture_is_told_in_its_own_words(paper):
    for slug in ("ferry", "school"):
        paper.reads(footed(slug))
    text = STORIES["market"].replace("southern", "northern") + "\n\nBread rose by 5 percent."
    paper.reads(("market", f"{text}\n\n{FOOTER}"))
    assert paper.told() == [("market", "added")]
    (row,) = paper.archive.query("FROM queue WHERE held_by IS NULL")
    assert "Bread rose by 5 percent" in row["reason"]
    assert (row["changes"], "readers' club" in row["reason"]) == (2, False)
    held = paper.archive.query("FROM change_list WHERE held_by = 'template' AND new_version = 2")
    assert len(held) == 3


def test_what_was_told_with_furniture_in_it_is_worded_anew(paper):
    first = STORIES["ferry"] + "\n\nNobody was hurt on board." + f"\n\n{FOOTER}"
    paper.reads(("ferry", first))
    (before,) = paper.archive.query("FROM queue WHERE held_by IS NULL")
    assert before["changes"] == 2
    paper.reads(footed("school"), footed("market"))
    (after,) = paper.archive.query("FROM queue WHERE held_by IS NULL")
    assert (after["changes"], after["reason"]) == (1, "New text: “Nobody was hurt on board.”")


def test_a_wire_story_corrected_under_three_addresses_is_told_three_times(paper):
    copies = [(slug, FERRY) for slug in ("wire-a", "wire-b", "wire-c")]
    paper.reads(*copies)
    more = "Divers found a crack along the hull on Wednesday morning."
    paper.reads(*((slug, f"{text}\n\n{more}") for slug, text in copies))
    assert paper.told() == [(slug, "added") for slug, _ in copies]


def test_a_note_under_every_article_is_told(paper):
    note = "Correction: An earlier version of this article named the wrong photographer."
    paper.reads(*((slug, f"{text}\n\n{note}") for slug, text in STORIES.items()))
    assert paper.told() == [(slug, "correction") for slug in STORIES]


def test_what_is_weeks_apart_is_not_one_roll_out(paper):
    for slug in ("ferry", "school", "market"):
        paper.reads(footed(slug))
        paper.now += WINDOW
    assert len(paper.told()) == 3


def test_an_archive_of_the_first_schema_is_brought_up_to_date(tmp_path):
    path = tmp_path / "archive.duckdb"
    first = resources.files("store") / "schema" / "0001_start.sql"
    with Sessions(path).creating() as connection:
        connection.execute(
            "CREATE TABLE migrations (number INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)"
        )
        connection.execute(first.read_text("utf-8"))
        connection.execute("INSERT INTO migrations VALUES (1, '2026-05-14')")
    archive = open_archive(path)
    (row,) = archive.query("SELECT max(number) AS newest FROM migrations")
    assert row["newest"] == migrate.newest() >= 2
    paper = Paper(archive)
    paper.reads(*STORIES.items())
    paper.reads(*map(footed, STORIES))
    assert len(paper.held()) == 4
