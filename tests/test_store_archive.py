"""The archive over an article's life: what is recorded, what is told, what is held back."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import bodies
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.errors import UnknownArticle, UnknownVersion
from store.history import history_as_dict
from store.model import (
    Block,
    BlockKind,
    Claims,
    Comment,
    Document,
    EventKind,
    Fetch,
    Link,
    Outcome,
    Recorded,
    Snapshot,
    SourceKind,
    Why,
)
from store.polls import Poll
from store.telling import Telling
from store.text import document_from_text

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
TELLING = Telling(DEFAULT_RULES, "http://127.0.0.1:8501")
ADDRESS = "https://courier.example/footbridge"

LEAD = "A footbridge over the Lune gave way on Tuesday morning, hurting 12 people."
REST = (
    "Two of them were badly hurt, the fire service said.",
    "The bridge was built in 1931 and carried some nine hundred people a day.",
    "The council had it inspected in March and found no fault.",
)
CORRECTION = (
    "Correction: An earlier version of this article gave the number of injured as 12. It is 11."
)


class Life:
    """One article's checks, a minute apart."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.now = START
        self.article = archive.watch_article(ADDRESS, acted_at=START)

    def sees(self, *paragraphs: str, headline: str = "Footbridge gives way") -> Recorded:
        text = "\n\n".join(paragraphs)
        document = replace(
            document_from_text(text, ADDRESS),
            headline=headline,
            language="en",
            extractor="test",
            claims=Claims(outlet="The Harbour Courier"),
        )
        return self.hands_in(document, f"<h1>{headline}</h1>{text}".encode())

    def hands_in(self, document: Document, body: bytes = b"page") -> Recorded:
        return self._record(
            Outcome.READ, "read", "The page was read.", status=200, body=body, document=document
        )

    def meets(self, outcome: Outcome, status: int | None = None) -> Recorded:
        return self._record(outcome, f"http_{status}", "It went so.", status=status)

    def _record(
        self,
        outcome: Outcome,
        detail: str,
        reason: str,
        *,
        status: int | None,
        body: bytes | None = None,
        document: Document | None = None,
    ) -> Recorded:
        self.now += timedelta(minutes=1)
        fetch = Fetch(
            article_id=self.article,
            started_at=self.now,
            finished_at=self.now + timedelta(seconds=1),
            why=Why.DUE,
            outcome=outcome,
            detail=detail,
            reason=reason,
            status=status,
            body_digest=hashlib.sha256(body).hexdigest() if body else None,
            headers=(("Content-Type", "text/html"),),
        )
        (result,) = self.archive.record([Snapshot(fetch, body, document)], TELLING)
        return result

    def told(self) -> list[str]:
        rows = self.archive.query("FROM queue WHERE held_by IS NULL ORDER BY seen_first_at")
        return [row["kind"] for row in rows]

    def held(self) -> list[tuple[str, str]]:
        rows = self.archive.query("FROM queue WHERE held_by IS NOT NULL ORDER BY seen_first_at")
        return [(row["kind"], row["held_by"]) for row in rows]

    def alerts(self) -> list[str]:
        return [row["kind"] for row in self.archive.query("FROM alert_list ORDER BY raised_at")]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return open_archive(tmp_path / "archive.duckdb", create=True)


@pytest.fixture
def life(archive: Archive) -> Life:
    return Life(archive)


@pytest.mark.parametrize("is_on", [True, False])
def test_a_batch_leaves_the_search_for_garbage_as_it_was(archive: Archive, is_on: bool) -> None:
    was_on = gc.isenabled()
    try:
        gc.enable() if is_on else gc.disable()
        archive.record([], TELLING)
        assert gc.isenabled() is is_on
    finally:
        gc.enable() if was_on else gc.disable()


def test_a_first_reading_is_version_one_and_no_change(life: Life) -> None:
    result = life.sees(LEAD, *REST)
    assert (result.outcome, result.version, result.changes) == (Outcome.READ, 1, 0)
    assert life.told() == []


def test_a_correction_is_told_alerted_and_bounded_by_two_checks(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.sees(LEAD, *REST)
    result = life.sees(LEAD.replace("12", "11"), *REST, CORRECTION)
    assert result.version == 2
    assert life.told() == ["correction"]
    assert life.alerts() == ["correction"]
    (row,) = life.archive.query("FROM queue")
    assert row["checked_before_at"] == START + timedelta(minutes=2)
    assert row["seen_first_at"] == START + timedelta(minutes=3)
    assert row["outlet"] == "The Harbour Courier"


def test_a_number_changed_without_a_note_is_called_so(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.sees(LEAD.replace("12", "15"), *REST)
    assert life.told() == ["changed_without_note"]
    assert life.alerts() == [], "the default rule is about notes and removals"


def test_other_quotes_and_spaces_make_no_version(life: Life) -> None:
    life.sees("“It fell,” said the keeper, and nobody – he added – was on it.", *REST)
    result = life.sees('"It fell," said the keeper, and nobody - he added - was on it.', *REST)
    assert (result.outcome, result.version) == (Outcome.UNCHANGED, None)


def test_a_headline_waits_for_two_more_looks(life: Life) -> None:
    life.sees(LEAD, *REST)
    for _ in range(2):
        life.sees(LEAD, *REST, headline="Bridge collapse hurts dozen")
        assert life.told() == []
    life.sees(LEAD, *REST, headline="Bridge collapse hurts dozen")
    assert life.told() == ["headline"]
    (row,) = life.archive.query("FROM queue")
    assert row["seen_first_at"] == START + timedelta(minutes=2), "told late, dated right"


def test_a_headline_that_flips_is_never_told(life: Life) -> None:
    for headline in "AABABAABABBAB":
        life.sees(LEAD, *REST, headline=f"Headline {headline} of the footbridge")
    assert life.told() == []
    assert {held for _, held in life.held()} == {"flap"}
    assert len(life.archive.query("FROM version_list")) == 2


def test_an_edit_during_a_headline_test_is_told_without_the_test(life: Life) -> None:
    life.sees(LEAD, *REST, headline="First headline of the day")
    life.sees(LEAD, *REST, headline="Quite another one")
    life.sees(LEAD, *REST, CORRECTION, headline="First headline of the day")
    assert life.told() == ["correction"]
    (row,) = life.archive.query("FROM queue WHERE held_by IS NULL")
    assert (row["old_version"], row["new_version"]) == (1, 3)
    kinds = life.archive.query("SELECT kind FROM change_list WHERE new_version = 3")
    assert [kind["kind"] for kind in kinds] == ["correction"]


def test_a_stale_copy_is_not_told_as_a_return(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.sees(LEAD, *REST, CORRECTION)
    life.sees(LEAD, *REST)
    life.sees(LEAD, *REST, CORRECTION)
    assert life.told() == ["correction"]
    assert life.alerts() == ["correction"]


def test_a_text_that_goes_back_and_stays_is_told_as_returned(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.sees(LEAD.replace("12", "15"), *REST)
    for _ in range(3):
        life.sees(LEAD, *REST)
    assert life.told() == ["changed_without_note", "returned"]


def test_one_404_is_no_removal_and_two_are(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.meets(Outcome.GONE, 404)
    life.sees(LEAD, *REST)
    assert life.told() == []
    life.meets(Outcome.GONE, 410)
    life.meets(Outcome.GONE, 410)
    life.meets(Outcome.GONE, 410)
    assert life.told() == ["removed"]
    assert life.alerts() == ["removed"]
    (row,) = life.archive.query("FROM event_list")
    assert row["checked_before_at"] == START + timedelta(minutes=3)
    assert row["seen_first_at"] == START + timedelta(minutes=4), "the first look that missed it"


def test_a_removed_page_that_comes_back_is_restored(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.meets(Outcome.GONE, 410)
    life.meets(Outcome.GONE, 410)
    life.sees(LEAD, *REST)
    assert life.told() == ["removed", "restored"]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REFUSED])
def test_trouble_is_a_row_and_nothing_else(life: Life, outcome: Outcome) -> None:
    life.sees(LEAD, *REST)
    for _ in range(4):
        life.meets(outcome, 503)
    life.sees(LEAD, *REST)
    assert life.told() == []
    checks = life.archive.query("SELECT outcome FROM check_list ORDER BY started_at")
    assert [check["outcome"] for check in checks] == ["read", *[outcome.value] * 4, "unchanged"]


@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.UNREADABLE])
def test_an_article_that_three_looks_did_not_get_to_see_is_said_to_be_hidden_once(
    life: Life, outcome: Outcome
) -> None:
    life.sees(LEAD, *REST)
    life.meets(outcome, 403)
    life.meets(Outcome.FAILED, 503)
    life.meets(outcome, 403)
    assert life.told() == []
    for _ in range(3):
        life.meets(outcome, 403)
    (row,) = life.archive.query("FROM event_list")
    assert row["kind"] == "hidden"
    assert "at 3 looks in a row" in row["reason"]
    assert row["checked_before_at"] == START + timedelta(minutes=1)
    assert row["seen_first_at"] == START + timedelta(minutes=2), "the first look that met it"
    life.sees(LEAD, *REST)
    assert (life.told(), life.alerts()) == (["hidden"], [])
    for _ in range(3):
        life.meets(outcome, 403)
    assert life.told() == ["hidden", "hidden"], "and again when it is hidden again"


def test_a_fifth_of_the_text_is_held_until_a_second_look_says_so_too(life: Life) -> None:
    many = [
        f"Paragraph {number} tells one more thing about the old bridge." for number in range(30)
    ]
    life.sees(LEAD, *many)
    assert life.sees(LEAD).outcome is Outcome.HELD
    assert life.sees(LEAD, *many).outcome is Outcome.UNCHANGED
    assert life.told() == []
    assert life.sees(LEAD).outcome is Outcome.HELD
    assert life.sees(LEAD).version == 2


OTHER = [
    f"The choir of the valley sang its song number {number} for guests from abroad."
    for number in range(9)
]


def test_another_story_is_never_an_edit_however_often_it_is_seen(life: Life) -> None:
    life.sees(LEAD, *REST)
    for _ in range(4):
        assert life.sees(*OTHER, headline="Choir wins the national prize").outcome is Outcome.HELD
    assert life.sees(LEAD, *REST).outcome is Outcome.UNCHANGED
    assert (life.told(), life.held()) == ([], [])


def test_after_a_day_of_another_story_it_is_recorded_and_not_told(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.sees(*OTHER, headline="Choir wins the national prize")
    life.now += timedelta(days=1)
    assert life.sees(*OTHER, headline="Choir wins the national prize").version == 2
    assert life.told() == []
    assert [held for _, held in life.held()] == ["other_story"]
    assert life.alerts() == []


def test_a_text_cut_inside_a_sentence_is_no_version_however_often_it_is_seen(life: Life) -> None:
    many = [f"Paragraph {number} tells one more thing about the old bridge." for number in range(9)]
    life.sees(LEAD, *many)
    for _ in range(3):
        assert life.sees(LEAD, *many[:4], many[4][:40]).outcome is Outcome.HELD
    assert life.held() == []


def test_a_page_withheld_for_legal_reasons_is_removed_and_comes_back(life: Life) -> None:
    life.sees(LEAD, *REST)
    looks = [
        life._record(Outcome.REFUSED, "legal", "It is withheld.", status=451) for _ in range(3)
    ]
    assert [look.outcome for look in looks] == [Outcome.REFUSED] * 3
    assert [look.event for look in looks] == [None, EventKind.REMOVED, None]
    life.sees(LEAD, *REST)
    assert life.told() == ["removed", "restored"]


def test_notes_that_were_there_before_us_are_kept_as_such(life: Life) -> None:
    life.sees(LEAD, *REST, CORRECTION)
    (note,) = life.archive.query("FROM note_list")
    assert (note["kind"], note["status"], note["text"]) == ("correction", "kept", CORRECTION)
    assert life.told() == []


def test_a_comment_is_kept_once_and_is_never_a_change(life: Life) -> None:
    document = replace(document_from_text(f"{LEAD}\n\n{REST[0]}", ADDRESS), headline="A bridge")
    first = Comment("Please fix the headline, it is wrong.", "ann")
    second = Comment("Thank you.", "ben", 1)
    life.hands_in(replace(document, comments=(first,)))
    life.hands_in(replace(document, comments=(first, second)))
    rows = life.archive.query("FROM comment_list ORDER BY ordinal")
    assert [(row["author"], row["disputes"]) for row in rows] == [
        ("ann", "A reader (ann) disputes the headline."),
        ("ben", None),
    ]
    assert life.told() == []


def test_the_response_of_each_version_is_kept_and_comes_back_to_the_byte(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.sees(LEAD, *REST, CORRECTION)
    for row in life.archive.query("FROM check_list"):
        body = life.archive.body(row["body_digest"])
        assert body is not None
        assert hashlib.sha256(body).hexdigest() == row["body_digest"]


def test_a_document_comes_back_as_it_was_read(life: Life) -> None:
    blocks = (
        Block(BlockKind.HEADING, "What happened"),
        Block(BlockKind.PARAGRAPH, "One.  Two! Three?", ("https://a.example/",), ("lead",)),
        Block(BlockKind.PARAGRAPH, "مرحبا بالعالم. كيف الحال؟"),
    )
    document = Document(ADDRESS, "Headline", blocks, byline="Ann Lee", extractor="test")
    life.hands_in(document)
    assert life.archive.document(life.article, 1) == document


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=4000), base=st.none() | st.binary(max_size=4000))
def test_any_body_is_packed_and_unpacked_alike(body: bytes, base: bytes | None) -> None:
    assert bodies.unpack(bodies.pack(body, base), len(body), base) == body


def test_snapshots_of_one_article_in_one_batch_keep_their_order(life: Life) -> None:
    texts = [(LEAD,), (LEAD,), (LEAD, CORRECTION)]
    snapshots = []
    for number, extra in enumerate(texts):
        document = replace(document_from_text("\n\n".join((*REST, *extra)), ADDRESS), headline="B")
        moment = START + timedelta(minutes=number)
        fetch = Fetch(life.article, moment, moment, Why.DUE, Outcome.READ, "read", "Read.")
        snapshots.append(Snapshot(fetch, None, document))
    results = life.archive.record(snapshots, TELLING)
    assert [result.version for result in results] == [1, None, 2]


def test_a_snapshot_of_an_article_nobody_watches_is_left_out(life: Life) -> None:
    stray = Fetch(42, START, START, Why.DUE, Outcome.FAILED, "timeout", "It took too long.")
    assert life.archive.record([Snapshot(stray)], TELLING) == []


def test_unwatching_a_source_stops_its_articles_and_keeps_their_history(archive: Archive) -> None:
    feed = "https://courier.example/feed.xml"
    source = archive.watch_source(feed, SourceKind.FEED, acted_at=START)
    links = (Link("https://courier.example/a"), Link("https://courier.example/b"))
    poll = Poll(source, START, START, Outcome.READ, "read", "It offers 2 addresses.", links=links)
    assert len(archive.record_poll(poll)) == 2
    assert archive.record_poll(replace(poll, started_at=START + timedelta(hours=1))) == []
    assert len(archive.query("FROM schedule_list")) == 2
    archive.unwatch(feed, acted_at=START + timedelta(hours=2))
    assert archive.query("FROM schedule_list") == []
    assert archive.query("FROM poll_list") == []
    assert len(archive.query("FROM article_list")) == 2


def test_watching_again_goes_on_where_it_was(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.archive.unwatch(ADDRESS, acted_at=life.now)
    assert life.archive.query("FROM schedule_list") == []
    life.archive.watch_article(ADDRESS + "?utm_source=mail", acted_at=life.now)
    (row,) = life.archive.query("FROM schedule_list")
    assert row["checks"] == 1


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda archive: archive.article_id("https://nobody.example/x"), UnknownArticle),
        (lambda archive: archive.article_id("zzz"), UnknownArticle),
        (lambda archive: archive.document(1, 1), UnknownVersion),
        (lambda archive: archive.unwatch("https://no.example/", acted_at=START), UnknownArticle),
    ],
)
def test_what_is_not_there_is_named(
    archive: Archive, ask: Callable[[Archive], object], error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"storylapse|http"):
        ask(archive)


def test_the_history_as_json_has_every_check(life: Life) -> None:
    life.sees(LEAD, *REST)
    life.meets(Outcome.FAILED)
    life.sees(LEAD, *REST, CORRECTION)
    history = history_as_dict(life.archive, life.article)
    assert [check["outcome"] for check in history["checks"]] == ["read", "failed", "read"]
    assert [version["version"] for version in history["versions"]] == [1, 2]
