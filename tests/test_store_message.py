"""The words of alerts, feeds and exports."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from store.message import (
    LONGEST_RUN,
    clipped,
    described,
    fitted,
    interval,
    moment,
    one_line,
    redline,
    spans_of,
)
from store.model import Change, ChangeKind, Span

SPANS = (
    Span("same", "The port has "),
    Span("removed", "12"),
    Span("added", "14"),
    Span("same", " ferries."),
)


def test_a_redline_in_plain_text_marks_what_went_and_what_came():
    assert redline(SPANS) == "The port has [-12-]{+14+} ferries."


def test_marks_hug_the_words_and_blanks_stay_between():
    spans = (
        Span("same", "struck "),
        Span("removed", "three "),
        Span("added", "four "),
        Span("same", "people"),
    )
    assert redline(spans) == "struck [-three-] {+four+} people"
    assert redline(spans, None) == "struck [-three -]{+four +}people"
    assert redline((Span("added", " "),)) == "{+ +}"


def test_unchanged_text_is_cut_to_what_stands_near_a_change():
    spans = (
        Span("same", "a" * 100),
        Span("added", "X"),
        Span("same", "b" * 100),
        Span("removed", "Y"),
        Span("same", "c" * 100),
    )
    assert redline(spans, 3) == "…aaa{+X+}bbb…bbb[-Y-]ccc…"


def test_a_redline_without_a_limit_keeps_every_character():
    text = "One.\n\nTwo. " * 50
    assert redline((Span("same", text),), None) == text


def test_a_very_long_run_is_cut():
    (span,) = clipped((Span("added", "x" * 5000),))
    assert len(span.text) == LONGEST_RUN
    assert span.text.endswith("…")


@given(st.lists(st.tuples(st.sampled_from(["same", "removed", "added"]), st.text()), max_size=6))
def test_clipped_spans_are_always_one_line(parts):
    spans = [Span(op, text) for op, text in parts]
    assert "".join(span.text for span in clipped(spans)).splitlines() in (
        [],
        ["".join(span.text for span in clipped(spans))],
    )


def test_a_change_without_a_redline_shows_both_sides():
    change = Change(ChangeKind.EDITED, "old", "new", 0.5, "Edited.")
    assert redline(spans_of(change)) == "[-old-]{+new+}"


def test_a_passage_that_only_moved_is_not_shown_as_removed_and_added():
    change = Change(ChangeKind.MOVED, "same", "same", 0.1, "Moved up.")
    assert redline(spans_of(change)) == "same"


def test_many_changes_are_counted_not_listed():
    changes = [Change(ChangeKind.ADDED, None, f"n{n}", 0.1, f"Added {n}.") for n in range(9)]
    told = list(described(changes))
    assert len(told) == 7
    assert told[-1] == "And 3 more of the same kind."


def test_a_time_is_written_in_utc():
    there = datetime(2026, 11, 22, 15, 2, tzinfo=timezone(timedelta(hours=1)))
    assert moment(there) == "2026-11-22 14:02 UTC"


def test_what_the_first_check_showed_has_no_check_before_it():
    at = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
    assert interval(None, at) == "Seen first at the check of 2026-11-22 14:02 UTC"


def test_one_line_cuts_at_the_length_asked_for():
    assert one_line("  a\r\nb\tc ", 4) == "a b…"


def test_two_checks_within_one_minute_are_told_apart_by_their_seconds():
    at = datetime(2026, 11, 22, 14, 2, 5, tzinfo=UTC)
    told = interval(at, at + timedelta(seconds=40))
    assert told == "Between the checks of 2026-11-22 14:02:05 and 14:02:45 UTC"


def test_a_body_that_is_too_long_keeps_its_links():
    body = "Outlet\n\nA long story. \n\nWhy.\nCompare: http://x.test"
    assert fitted(body, 100) == body
    assert fitted(body, 45) == "Outlet\n\nA long …\n\nWhy.\nCompare: http://x.test"
    assert fitted(body, 10) == "Outlet\n\nA…"


@given(st.text(), st.integers(1, 300))
def test_a_fitted_body_is_never_longer_than_asked_for(body, longest):
    assert len(fitted(body, longest)) <= longest
