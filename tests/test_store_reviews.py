"""People's marks on findings: acts, kept in order, whatever the clock and the engine do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from histories import ADDRESS, START, corrected
from store.address import article_id
from store.reviews import Finding, Marks, Review, passage_of, standing_at

FINDING = Finding(article_id(ADDRESS), START + timedelta(hours=1))
ACT = Review(FINDING, Marks(mark="right"), "Ann", START, "dashboard")


def acts(archive, finding=FINDING) -> list[Review]:
    return archive.reviews([finding.article_id])[finding]


def test_a_mark_is_kept_and_the_last_one_holds(tmp_path):
    archive = corrected(tmp_path)
    later = replace(
        ACT, marks=Marks("wrong", note="It was 15."), acted_at=START + timedelta(days=1)
    )
    assert archive.record_reviews([ACT, later]) == 2
    assert acts(archive) == [ACT, later]
    (held,) = archive.query("FROM reviewed")
    assert (held["mark"], held["note"], held["reviewer"]) == ("wrong", "It was 15.", "Ann")


def test_what_says_nothing_new_is_no_act(tmp_path):
    archive = corrected(tmp_path)
    assert archive.record_reviews([replace(ACT, marks=Marks())]) == 0
    assert archive.record_reviews([ACT]) == 1
    assert archive.record_reviews([replace(ACT, reviewer="Ben", acted_at=START)]) == 0


def test_a_mark_can_be_taken_back(tmp_path):
    archive = corrected(tmp_path)
    archive.record_reviews([ACT, replace(ACT, marks=Marks())])
    assert [act.marks.mark for act in acts(archive)] == ["right", None]


def test_acts_stay_in_order_where_the_clock_was_set_back(tmp_path):
    archive = corrected(tmp_path)
    archive.record_reviews([ACT])
    archive.record_reviews([replace(ACT, marks=Marks("wrong"), acted_at=START - timedelta(days=9))])
    assert [act.marks.mark for act in acts(archive)] == ["right", "wrong"]
    assert acts(archive)[1].acted_at > START


def test_the_whole_a_passage_and_an_event_are_marked_apart(tmp_path):
    archive = corrected(tmp_path)
    passage = replace(FINDING, passage=passage_of("12", "14"))
    event = replace(FINDING, what="removed")
    findings = [FINDING, passage, event]
    archive.record_reviews([replace(ACT, finding=finding) for finding in findings])
    assert set(archive.reviews([FINDING.article_id])) == set(findings)


def test_the_name_of_a_passage_is_the_digest_that_sql_makes_of_its_texts(tmp_path):
    archive = corrected(tmp_path)
    rows = archive.query(
        """SELECT old, new, sha256(coalesce(old, '') || chr(31) || coalesce(new, '')) AS passage
           FROM change_list"""
    )
    assert [row["passage"] for row in rows] == [passage_of(row["old"], row["new"]) for row in rows]
    assert rows


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        (Marks(mark="maybe"), "'maybe' is no mark; write right, wrong, important."),
        (Marks(status="later"), "'later' is no status; write open, in_work, done, set_aside."),
        (Marks(note="x" * 4001), "The note has 4001 characters; 4000 are kept."),
    ],
)
def test_a_mark_that_does_not_exist_is_refused_and_none_is_kept(tmp_path, marks, says):
    archive = corrected(tmp_path)
    with pytest.raises(ValueError, match=says):
        archive.record_reviews([ACT, replace(ACT, marks=marks)])
    assert archive.reviews([FINDING.article_id]) == {}


def test_marks_outlive_findings_that_are_made_again(tmp_path):
    archive = corrected(tmp_path)
    archive.record_reviews([ACT])
    archive.judge_again(FINDING.article_id)
    rows = archive.query(
        """SELECT mark FROM queue q JOIN reviewed r ON r.article_id = q.article_id
           AND r.seen_first_at = q.seen_first_at"""
    )
    assert rows == [{"mark": "right"}]


def test_what_held_at_a_moment_is_the_last_act_before_it():
    later = replace(ACT, marks=Marks("wrong"), acted_at=START + timedelta(days=1))
    assert standing_at([ACT, later], None) is None
    assert standing_at([ACT, later], START - timedelta(seconds=1)) is None
    assert standing_at([ACT, later], START) == ACT
    assert standing_at([ACT, later], START + timedelta(days=2)) == later
