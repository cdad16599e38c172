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


def test_a_number_is_not_parted_from_its_unit():
    assert spans("It cost 4.3 million euros.", "It cost 3.4 million euros.") == [
        ("same", "It cost"),
        ("removed", "4.3 million"),
        ("added", "3.4 million"),
        ("same", "euros."),
    ]


def test_the_blank_behind_a_replacement_belongs_to_what_follows():
    runs = [(span.op, span.text) for span in redline("He is modest there.", "He is humble there.")]
    assert runs == [
        ("same", "He is "),
        ("removed", "modest"),
        ("added", "humble"),
        ("same", " there."),
    ]


def test_a_word_between_two_long_edits_is_joined_with_them():
    start, end = "The council met on Monday evening and ", ", and then everybody went home again."
    old = f"{start}spoke at some length about money for seven new lamps{end}"
    new = f"{start}heard fourteen questions about which nobody knew anything useful{end}"
    assert [span.op for span in redline(old, new)] == ["same", "removed", "added", "same"]


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


WORDS = st.lists(
    st.sampled_from(["a", "the", "5", "km", "$5", "wo-rd", ",", "Mr.", "12", "%", "é"])
)


@given(WORDS, WORDS, WORDS, WORDS)
def test_equal_ends_change_nothing_about_what_differs(head, old, new, tail):
    before, after = " ".join([*head, *old, *tail]), " ".join([*head, *new, *tail])
    diff = diff_words(before, after)
    kept_old, kept_new, at_old, at_new = "", "", 0, 0
    for block in diff.blocks:
        assert before[block.old_start : block.old_end] != after[block.new_start : block.new_end]
        kept_old += before[at_old : block.old_start]
        kept_new += after[at_new : block.new_start]
        at_old, at_new = block.old_end, block.new_end
    kept_old, kept_new = kept_old + before[at_old:], kept_new + after[at_new:]
    assert kept_old.replace(" ", "") == kept_new.replace(" ", "")


@given(st.text())
def test_tokens_add_up_to_the_text(text):
    assert "".join(tokens_of(text)) == text
