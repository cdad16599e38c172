"""Reading notes: the cheap test before the patterns changes no answer, and no text hangs it."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.compare import reading
from store.compare.cue_files import cue_file, cues_of, languages
from store.compare.dates import is_only_stamp, stamp
from store.compare.notes import find_notes, looks_like_note
from store.compare.reading import may_hold_note, read_note
from store.compare.roots import fold, holds, roots_of
from store.compare.signs import blocks_with_signs
from store.model import Block, BlockKind
from store.text import normalise

EXAMPLES = [
    row["example"]
    for language in languages()
    for table in ("label", "phrase", "topic")
    for row in cue_file(language).get(table, [])
    if "example" in row
]
PIECES = sorted(
    {word for text in EXAMPLES for word in text.split()}
    | {word for code in languages() for row in cue_file(code)["label"] for word in row["words"]}
    | {":", "-", "[", ")", '"', "İ", "ı", "ſ", "ς", "3 May", "5 p.m."}
)


def without_the_test(text, readers):
    """The reading where every phrase of every language is tried."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_may_be_note", lambda *_: True)
        patch.setattr(reading, "phrases_able", lambda _, code: range(len(cues_of(code).phrases)))
        return read_note(text, readers)


@pytest.mark.parametrize("language", languages())
def test_letters_that_are_missing_are_no_reason_to_answer_otherwise(language):
    for text in EXAMPLES:
        assert read_note(text, (language,)) == without_the_test(text, (language,))


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join), st.sampled_from(languages()))
@settings(max_examples=400, deadline=None)
def test_any_words_of_notes_are_read_alike_with_and_without_the_test(text, language):
    found = read_note(text, (language, "en"))
    assert found == without_the_test(text, (language, "en"))
    assert found is None or may_hold_note(text, (language, "en"), ())


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_only_a_stamp_is_left_where_taking_stamps_out_leaves_no_word(text):
    assert is_only_stamp(text) is (re.search(r"[^\W\d_]{2}", stamp().sub(" ", text)) is None)


@pytest.mark.parametrize("language", languages())
def test_every_match_of_a_phrase_holds_a_root_of_each_group(language):
    for row in cue_file(language)["phrase"]:
        groups = roots_of(row["pattern"])
        for text in map(normalise, EXAMPLES):
            if re.search(row["pattern"], text, re.IGNORECASE):
                assert all(holds(fold(text), roots) for roots in groups)


@pytest.mark.parametrize("language", languages())
def test_a_document_without_signs_is_read_no_further_and_no_note_is_passed_over(language):
    texts = [text for text in EXAMPLES if len(text) > 30]
    signed = blocks_with_signs(texts, (language,))
    assert not [
        text
        for place, text in enumerate(texts)
        if place not in signed and read_note(text, (language,)) is not None
    ]


def test_a_pattern_without_letters_of_its_own_is_refused():
    for pattern in (r"\w+", r"(?:a|\d)?", r"(?=x)y"):
        with pytest.raises(ValueError, match="pattern"):
            roots_of(pattern)


PATH = (
    "4.227-4.3257-.0601-2.3249-1.996-4.12441-4.2774-4.09729-2.30051.02732-4.25418 1.95909-4.15783 "
)
HOSTILE = [
    PATH,
    "120 125 130 135 140 145 148 151 154 157 161 164 ",
    "1.",
    "1-",
    "7",
    "3 May 2021, ",
    "Monday, ",
    "at ",
    "12:30 p.m. ",
    "2021年3月4日 ",
    "update ",
    "Correction ",
    "[update ",
    "[",
    "([",
    '"',
    '" a',
    ";",
    "a ",
    "aaaa ",
    "an earlier version ",
    "this article was ",
    "the first ",
    "ABCDEFGH ",
]


def cost(work):
    """The smaller CPU time of two runs, in seconds."""
    costs = []
    for _ in range(2):
        start = time.process_time()
        work()
        costs.append(time.process_time() - start)
    return min(costs)


@pytest.mark.parametrize("language", [None, "en", "no", "de", "ja"])
@pytest.mark.parametrize("opening", ["", "Update ", "Correction, "])
@pytest.mark.parametrize("run", HOSTILE)
def test_reading_a_hostile_run_costs_a_bounded_multiple_of_splitting_it(run, opening, language):
    readers = (language,) if language else languages()
    text = opening + (run * 1800)[:1800]
    read_note("Update: the first reading compiles.", readers)
    yardstick = cost(lambda: [text.lower().split() for _ in range(100)])
    assert cost(lambda: read_note(text, readers)) < 200 * yardstick


@given(st.lists(st.sampled_from(HOSTILE + PIECES), max_size=200).map("".join))
@settings(max_examples=60, deadline=5_000)
def test_no_mixture_of_hostile_runs_hangs_the_search_for_notes(text):
    looks_like_note(text, None)
    find_notes([Block(BlockKind.PARAGRAPH, text)], "en")
