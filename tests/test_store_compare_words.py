"""Redlines: what stayed, went and came, readable."""

from hypothesis import given
from hypothesis import strategies as st

from store.compare.words import diff_words, tokens_of
from store.compare.words import redline as redline_of
from store.text import normalise


def redline(old, new):
    return redline_of(diff_words(old, new))


def spans(old, new):
    return [(span.op, span.text.strip()) for span in redline(old, new)]


def test_a_number_with_its_sign_is_changed_whole():
    assert spans("It cost $1,200.50 then.", "It cost $1,300.50 then.") == [
        ("same", "It cost"),
        ("removed", "$1,200.50"),
        ("added", "$1,300.50"),
        ("same", "then."),
    ]


def test_small_words_between_two_edits_are_joined_with_them():
    assert spans("He left the old house.", "He sold the new house.") == [
        ("same", "He"),
        ("removed", "left the old"),
        ("added", "sold the new"),
        ("same", "house."),
    ]


def test_where_little_survives_both_texts_stand_whole():
    old, new = "The council met on Monday evening.", "Nobody knows what happened to the ferry."
    assert [span.op for span in redline(old, new)] == ["removed", "added"]


def test_scripts_without_spaces_are_compared_sign_by_sign():
    assert ("removed", "140") in spans("定員は140人です。", "定員は410人です。") or (
        "removed",
        "140人",
    ) in spans("定員は140人です。", "定員は410人です。")


@given(st.text(), st.text())
def test_a_redline_holds_both_texts(old, new):
    runs = redline(old, new)
    before = "".join(span.text for span in runs if span.op != "added")
    after = "".join(span.text for span in runs if span.op != "removed")
    assert after == new
    assert normalise(before).replace(" ", "") == normalise(old).replace(" ", "")


@given(st.text())
def test_tokens_add_up_to_the_text(text):
    assert "".join(tokens_of(text)) == text
