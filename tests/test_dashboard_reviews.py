"""Marks: named by pages, taken from keys, shown, filtered by and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard import acting, marks, ranked, reviewing
from dashboard.data import forget_answers
from dashboard.judged import agreements
from dashboard.ranked import Filters
from dashboard.wording import Clock
from histories import ADDRESS, corrected
from product import Product
from store.address import article_id
from store.archive import Archive
from store.reviews import Finding, passage_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLOCK = Clock(NOW, ZoneInfo("UTC"))


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    made = corrected(tmp_path)
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(made.path))
    forget_answers()
    return made


def transition(archive: Archive) -> Finding:
    row, *_ = archive.query("FROM queue WHERE kind = 'correction'")
    return reviewing.finding_of(row)


@pytest.mark.parametrize("what", ["change", "removed", "hidden"])
@pytest.mark.parametrize("passage", [None, passage_of("12", "11")])
def test_a_finding_comes_back_under_the_name_that_a_page_gives_it(what: str, passage: str | None):
    finding = Finding(article_id(ADDRESS), NOW + timedelta(microseconds=7), what, passage)
    assert reviewing.finding_named(reviewing.name_of(finding)) == finding


@pytest.mark.parametrize(
    "name",
    ["", "x", "1~yesterday~change~", "1~2026-11-22T09:00:00~change~", "1~2026-11-22T09:00:00Z~x~",
     "1~2026-13-45T99:00:00Z~change~", "1~2026-11-22T09:00:00Z~change~abc"],
)  # fmt: skip
def test_what_names_no_finding_names_none(name: str):
    assert reviewing.finding_named(name) is None


def test_a_mark_is_kept_and_a_second_press_takes_it_back(archive: Archive):
    finding = transition(archive)
    name = reviewing.name_of(finding)
    acting.mark(name, "right")
    assert marks.standing([finding.article_id])[finding]["mark"] == "right"
    acting.mark(name, "wrong")
    assert marks.tally() == {"wrong": 1}
    acting.mark(name, "wrong")
    assert marks.tally() == {}
    said = archive.reviews([finding.article_id])[finding]
    assert [(one.marks.mark, one.came_by) for one in said] == [
        ("right", "dashboard"), ("wrong", "dashboard"), (None, "dashboard")]  # fmt: skip


def test_a_mark_leaves_the_rest_of_a_sheet_alone(archive: Archive):
    finding = transition(archive)
    name = reviewing.name_of(finding)
    acting.mark(name, "right")
    (first,) = archive.reviews([finding.article_id])[finding]
    later = replace(
        first, marks=replace(first.marks, note="Asked the desk.", status="in_work"), acted_at=NOW
    )
    archive.record_reviews([later])
    acting.mark(name, "important")
    held = archive.reviews([finding.article_id])[finding][-1].marks
    assert (held.mark, held.status, held.note) == ("important", "in_work", "Asked the desk.")


def test_what_a_browser_makes_up_is_left_alone(archive: Archive):
    finding = transition(archive)
    acting.mark(reviewing.name_of(replace(finding, article_id=1)), "right")
    acting.mark(reviewing.name_of(finding), "splendid")
    acting.mark("<script>", "right")
    assert marks.tally() == {}


def test_the_queue_can_be_narrowed_by_marks(archive: Archive):
    finding = transition(archive)

    def shown(mark: str) -> int:
        return len(ranked.queue(Filters(mark=mark), NOW))

    every = shown("open")
    assert every > 0
    acting.mark(reviewing.name_of(replace(finding, passage=passage_of("a", "b"))), "wrong")
    assert (shown("open"), shown("wrong")) == (every, 0)
    acting.mark(reviewing.name_of(finding), "right")
    assert (shown("open"), shown("right")) == (every - 1, 1)
    assert ranked.queue_counts(Filters(mark="right")) == {"corrections": 1}


def test_the_mark_that_holds_is_pressed_and_says_by_whom(archive: Archive):
    finding = transition(archive)
    acting.mark(reviewing.name_of(finding), "important")
    shown = reviewing.buttons(marks.standing([finding.article_id])[finding], CLOCK)
    assert shown.count('aria-pressed="true"') == 1
    assert 'data-mark="important" aria-pressed="true"' in shown
    assert acting.reviewer() in shown


def test_agreement_is_counted_by_kind_with_its_bounds():
    rows = [{"kind": "correction", "mark": mark} for mark in ("right", "right", "wrong")]
    rows.append({"kind": "headline", "mark": "important"})
    correction, headline = agreements(rows)
    assert (correction.kind, correction.marked, correction.wrong) == ("correction", 3, 1)
    assert correction.share == pytest.approx(2 / 3)
    # Wilson's interval for 2 of 3, as scipy.stats.binomtest(2, 3).proportion_ci("wilson") has it
    assert correction.bounds == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert headline.bounds == pytest.approx((0.2065, 1.0), abs=1e-4)


def test_the_command_says_how_often_people_agree(archive: Archive):
    whole = transition(archive)
    change, *_ = archive.query(
        "SELECT * FROM change_list WHERE kind = 'edited' AND seen_first_at = ?",
        [whole.seen_first_at.replace(tzinfo=None)],
    )
    acting.mark(reviewing.name_of(whole), "right")
    passage = passage_of(change["old"], change["new"])
    acting.mark(reviewing.name_of(replace(whole, passage=passage)), "wrong")
    product = Product(archive.path)
    rows = {
        row.split("\t")[0]: row.split("\t") for row in product.run("reviews").stdout.splitlines()
    }
    assert rows["correction"][1:6] == ["1", "1", "0", "0", "100 %"]
    assert rows["edited"][1:6] == ["1", "0", "0", "1", "0 %"]
    assert {row["kind"] for row in product.lines("reviews", "--wrong")} == {"edited"}
