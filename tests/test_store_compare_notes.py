"""Notes: every cue with its example, hard negatives, places, extent, what became of them."""

import time

import pytest

from store.compare.cue_files import cue_file, languages
from store.compare.note_changes import compare_notes
from store.compare.notes import find_notes, looks_like_note, mark_notes
from store.compare.reading import read_note
from store.model import Block, BlockKind, Claims, Note, NoteKind, NoteStatus, Place

BODY = "The northern ferry ran aground near Holm on Tuesday morning with many passengers on board."


def block(text, kind=BlockKind.PARAGRAPH, hints=()):
    return Block(kind, text, hints=hints)


def notes_in(*texts, language="en"):
    return find_notes([block(text) for text in texts], language)


LABELS = [
    (language, row)
    for language in languages()
    for row in cue_file(language).get("label", [])
    if "example" in row
]
PHRASES = [(lang, row) for lang in languages() for row in cue_file(lang).get("phrase", [])]
TOPICS = [(lang, row) for lang in languages() for row in cue_file(lang).get("topic", [])]


def name(value):
    return value if isinstance(value, str) else value.get("id")


@pytest.mark.parametrize(("language", "row"), LABELS, ids=name)
def test_a_label_gives_its_example_away(language, row):
    reading = read_note(row["example"], (language,))
    assert reading is not None
    assert reading.kind.value == row["kind"]
    assert reading.cue == f"{language}/{row['id']}"


@pytest.mark.parametrize(("language", "row"), PHRASES, ids=name)
def test_a_phrase_gives_its_example_away(language, row):
    assert read_note(row["example"], (language,)) is not None


@pytest.mark.parametrize(("language", "row"), TOPICS, ids=name)
def test_a_topic_is_no_note(language, row):
    assert read_note(row["example"], (language,)) is None


HARD_NEGATIVES = [
    "Shares entered a market correction on Friday after weeks of losses.",
    "Corrections officials said the prison had been locked down.",
    "Corrections: if you are aware of an inaccuracy, please report a correction to the desk.",
    "Install the latest software update before you travel.",
    "Updated 3 hours ago",
    "Updated: 9.45pm",
    "02 Jun 2022 06:07AM (Updated: 02 Jun 2022 07:46AM)",
    "The minister gave an update on the talks and left.",
    "The senator retracted his claim on Monday.",
    "A judge ordered the newspaper to publish a correction.",
    "The Holm Herald printed a correction: “An earlier version of this article was wrong.”",
    "“Correction: we never said that,” the spokesman told reporters.",
    "He asked for clarification of the rules before the vote.",
    "Coronavirus update: 280,000 more file for help.",
    "UPDATE: Port workers off the job",
    "In an earlier version of the bill, farmers were exempt.",
    "His first novel, Corrections, sold a million copies.",
    "EDITOR’S NOTE — How true are the sayings of our ministers?",
    "We have updated our password requirements.",
    "Podcast: Coronavirus-Update",
    "AKTUALISIERT - Die Reise endet früher als gedacht.",
    "Die Kurskorrektur an der Börse hält an.",
    "La mise à jour du logiciel est disponible.",
    "最終更新:3/9(木) 18:45",
]


@pytest.mark.parametrize("text", HARD_NEGATIVES)
def test_a_look_alike_is_no_note(text):
    assert find_notes([block(BODY), block(text), block(BODY)], None) == ()
    assert not looks_like_note(text, None)


def test_a_section_headed_updates_is_no_note():
    blocks = [block(BODY), block("Updates", BlockKind.HEADING), block(BODY)]
    assert find_notes(blocks, "en") == ()


def test_places_are_top_inline_and_end():
    note = "Correction: The ferry carries 410 passengers, not 140."
    assert notes_in(note, BODY)[0].place is Place.TOP
    assert notes_in(BODY, note, BODY)[0].place is Place.INLINE
    assert notes_in(BODY, note)[0].place is Place.END


def test_a_label_alone_brings_the_block_behind_it():
    note = notes_in(BODY, "UPDATES:", "2:58 p.m.: This article was updated to add the cost.")[0]
    assert (note.block, note.blocks) == (1, 2)
    assert note.text == "UPDATES:\n2:58 p.m.: This article was updated to add the cost."


def test_a_note_inside_a_paragraph_is_cut_out_exactly():
    bracket = "[Edit: an earlier form of this paragraph wrongly put the smallest fee at 0.]"
    note = notes_in(f"{BODY} {bracket} The rest goes on.")[0]
    assert (note.text, note.kind) == (bracket, NoteKind.CORRECTION)
    tail = "An earlier version of this article misstated the number of passengers. It is 410."
    assert notes_in(f"{BODY} {tail}")[0].text == tail


def test_the_time_and_the_source_a_note_states_are_kept():
    note = notes_in(
        BODY, "Update, 13:17: The Harbour Ministry, in a statement, said all were safe."
    )[0]
    assert note.stated_time == "13:17"
    assert note.source == "The Harbour Ministry"


def test_the_outlet_s_own_mark_up_is_evidence():
    text = "The age of the captain was 54, not 45 as we wrote."
    assert notes_in(BODY, text) == ()
    marked = find_notes([block(BODY), block(text, hints=("article-correction",))], "en")
    assert [note.kind for note in marked] == [NoteKind.CORRECTION]


def test_a_correction_in_the_metadata_only_is_told_once():
    text = "An earlier version of this article misstated the year."
    claims = Claims(corrections=(text, "Correction: The year was 1987."))
    found = find_notes([block(BODY), block(text)], "en", claims)
    assert [(note.place, note.block) for note in found] == [
        (Place.END, 1),
        (Place.METADATA, None),
    ]


def test_any_class_name_makes_no_paragraph_a_note():
    text = "It was late. More followed. An earlier version of this article misstated the year."
    found = find_notes([block(BODY), block(text, hints=("article-body",))], "en")
    assert [note.text for note in found] == [
        "An earlier version of this article misstated the year."
    ]


def test_an_apology_brings_the_sentences_it_speaks_about():
    text = "The captain is 54. We wrote 45. We regret the error."
    assert notes_in(BODY, text)[0].text == text


def test_a_note_at_the_top_and_again_at_the_end_counts_once():
    text = "This story has been corrected to show that the ferry carries 410 passengers."
    found = notes_in(text, BODY, text)
    assert [(note.place, note.block) for note in found] == [(Place.TOP, 0)]


def test_an_entry_of_a_live_blog_headed_update_is_no_note_of_the_article():
    blocks = [block(BODY), block("Update", BlockKind.HEADING), block(BODY)]
    assert len(find_notes(blocks, "en")) == 1
    assert find_notes(blocks, "en", Claims(live_blog=True)) == ()


def test_a_correction_in_the_metadata_carries_the_date_stated_there():
    claims = Claims(corrections=("The year was 1987.",), correction_times=("2021-05-04",))
    assert find_notes([block(BODY)], "en", claims)[0].stated_time == "2021-05-04"


def test_a_stamp_behind_the_colon_heads_no_note():
    assert notes_in(BODY, "Update: 4 May 2021, 11:42", BODY) == ()
    assert notes_in(BODY, "Update 4 May 2021, 11:42:", BODY)[0].blocks == 2


def test_a_block_that_is_a_note_is_no_body():
    notes = notes_in(
        "Editor’s note: After publication the captain’s union raised questions about this story.",
        "Correction: The ferry carries 410 passengers, not 140 as we wrote in our first report.",
        BODY,
    )
    assert [note.place for note in notes] == [Place.TOP, Place.TOP]


def test_blocks_that_are_wholly_a_note_are_marked():
    blocks = [block(BODY), block("Correction: The ferry carries 410 passengers, not 140.")]
    marked = mark_notes(blocks, find_notes(blocks, "en"))
    assert [b.kind for b in marked] == [BlockKind.PARAGRAPH, BlockKind.NOTE]


def note(text, kind=NoteKind.CORRECTION, place=Place.END, at=None):
    return Note(kind, text, place, "en", "en/correction-label", block=0, stated_time=at)


def statuses(old, new):
    return [change.status for change in compare_notes(old, new)]


def test_added_removed_and_reworded_notes_are_told_apart():
    first = note("Correction: The ferry carries 410 passengers, not 140.")
    second = note("Correction: The ferry carries 412 passengers, not 140.")
    assert statuses([], [first]) == [NoteStatus.ADDED]
    assert statuses([first], []) == [NoteStatus.REMOVED]
    assert statuses([first], [first]) == [NoteStatus.KEPT]
    assert statuses([first], [second]) == [NoteStatus.EDITED]


def test_a_note_that_moved_or_was_dated_anew_is_no_news():
    old = note(
        "Update, 13:17: Police now say that two people were hurt.", NoteKind.UPDATE, at="13:17"
    )
    moved = note(old.text, NoteKind.UPDATE, Place.TOP, "13:17")
    dated = note(old.text.replace("13:17", "14:20"), NoteKind.UPDATE, at="14:20")
    assert statuses([old], [moved]) == [NoteStatus.MOVED]
    assert statuses([old], [dated]) == [NoteStatus.KEPT]


def test_a_note_that_comes_out_of_the_metadata_only_moved():
    hidden = note("The ferry carries 410 passengers, not 140.", place=Place.METADATA)
    shown = note("Correction: The ferry carries 410 passengers, not 140.")
    assert statuses([hidden], [shown]) == [NoteStatus.MOVED]
    assert statuses([shown], [hidden]) == [NoteStatus.MOVED]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 50_000,
        "Update " + "1. " * 20_000,
        "(" * 50_000,
        "Update 3 May, " * 5_000,
        "a b " * 30_000,
    ],
)
def test_hostile_text_costs_no_more_than_its_length(text):
    def cost(part):
        costs = []
        for _ in range(2):
            start = time.process_time()
            looks_like_note(part, "en")
            costs.append(time.process_time() - start)
        return min(costs)

    cost(text[:100])
    # Four times the text: four times the work if it is linear, sixteen times if it is square.
    assert cost(text) < 10 * max(cost(text[: len(text) // 4]), 1e-3)
