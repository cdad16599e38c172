"""The order of words on a line where some are written from right to left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.bidi import LEFT, RIGHT, base_of, in_visual_order, pieces_of, sides_of


def shown(text: str) -> str:
    """The words of a line as they stand, each in the order of its own letters."""
    base = base_of(text)
    pieces = pieces_of(text)
    return "".join(pieces[place] for place in in_visual_order(sides_of(pieces, base), base))


@pytest.mark.parametrize(
    ("logical", "visual"),
    [
        ("one two", "one two"),
        ("says שלום עולם today", "says עולם שלום today"),
        ("says שלום 12 today", "says 12 שלום today"),
        ("says 12 שלום today", "says 12 שלום today"),
        ("אמר Royal Mail Group אתמול.", ".אתמול Royal Mail Group אמר"),
        ("היו 12 מעבורות", "מעבורות 12 היו"),
        ("היו 3,500 איש, 12% מהם", "מהם 12% ,איש 3,500 היו"),
        ("ב-Harbour Port.", ".Harbour Port-ב"),
        ("قال (the 2nd) أمس", "أمس )the 2nd( قال"),
    ],
)
def test_words_stand_as_unicode_has_them(logical, visual):
    assert shown(logical) == visual


@pytest.mark.parametrize("word", ["בָּרוּךְ", "مُحَمَّد", "हिन्दी", "naïve", "3,500"])
def test_no_mark_is_parted_from_its_letter(word):
    assert pieces_of(word) == [word]


def test_a_paragraph_goes_the_way_of_its_first_letter():
    assert [base_of(text) for text in ("12 a ש", "12 ש a", "12", "")] == [LEFT, RIGHT, LEFT, LEFT]


@given(st.text(alphabet="aשع12.,- ()", max_size=30))
def test_nothing_is_lost_or_doubled(text):
    pieces = pieces_of(text)
    assert "".join(pieces) == text
    for base in (LEFT, RIGHT):
        assert sorted(in_visual_order(sides_of(pieces, base), base)) == list(range(len(pieces)))
