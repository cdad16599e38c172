"""Reasons: a changed fact is told in a sentence that could stand in a newspaper."""

import pytest

from store.compare import compare
from store.text import document_from_text

NOTE = (
    "\n\nCorrection: An earlier version of this article said that 12 people were hurt; it was 11."
)
TOLD = [
    (
        "At least four people were killed in Holm.",
        "At least seven people were killed in Holm.",
        "The number of dead went from four to seven",
    ),
    (
        "Four people died in the fire in Holm.",
        "Seven people died in the fire in Holm.",
        "The number of dead went from four to seven",
    ),
    (
        "The crash left 12 people injured.",
        "The crash left 11 people injured.",
        "The number of injured went from 12 to 11",
    ),
    (
        "Nearly 30 people were wounded in the blast.",
        "Nearly 34 people were wounded in the blast.",
        "The number of wounded went from 30 to 34",
    ),
    (
        "Police arrested 12 men on Monday.",
        "Police arrested 14 men on Monday.",
        "The number of people arrested went from 12 to 14",
    ),
    (
        "About 300 were evacuated from Holm on Monday.",
        "About 400 were evacuated from Holm on Monday.",
        "The number of people evacuated went from 300 to 400",
    ),
    (
        "The project has 30 flats for families.",
        "The project has 34 flats for families.",
        "The number of flats went from 30 to 34",
    ),
    (
        "The project has 20 new flats for families.",
        "The project has 30 new flats for families.",
        "The number of new flats went from 20 to 30",
    ),
    (
        "The vote in the council was 5 of 9.",
        "The vote in the council was 6 of 9.",
        "One figure went from 5 to 6",
    ),
    (
        "Profits rose by 7.2% this year.",
        "Profits rose by 7.4% this year.",
        "The share went from 7.2% to 7.4%",
    ),
    (
        "The repair of the bridge cost $2.1m.",
        "The repair of the bridge cost $2.3m.",
        "The sum went from $2.1m to $2.3m",
    ),
    (
        "Jon Okeke, 34, was held by police.",
        "Jon Okeke, 36, was held by police.",
        "The age went from 34 to 36",
    ),
    (
        "The school opens again on 3 May.",
        "The school opens again on 4 May.",
        "The date went from 3 May to 4 May",
    ),
    (
        "Bei dem Unfall wurden 12 Menschen verletzt, sagte die Polizei.",
        "Bei dem Unfall wurden 14 Menschen verletzt, sagte die Polizei.",
        "The number of injured went from 12 to 14",
    ),
    (
        "Ferja tar 140 passasjerer, og det er ikke bra for han.",
        "Ferja tar 410 passasjerer, og det er ikke bra for han.",
        "The number of “passasjerer” went from 140 to 410",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), TOLD)
def test_a_changed_fact_is_told_with_what_it_counts(old, new, told):
    reason = compare(document_from_text(old), document_from_text(new)).reason
    assert reason == f"{told}; changed without a note."


def test_a_declared_casualty_count_names_the_note_that_says_so():
    old = (
        "The ferry ran aground on Monday morning with many passengers and crew on board. "
        "The crash left 12 people injured."
    )
    new = old.replace("12", "11") + NOTE
    reasons = [c.reason for c in compare(document_from_text(old), document_from_text(new)).changes]
    assert (
        "The number of injured went from 12 to 11; the correction at the foot says so." in reasons
    )


LONG = (
    "The port of Harbour, which is the largest on the northern coast and has been in use since the "
    "days of sailing ships, counted its ferries on Sunday and found them in good order, the mayor "
    "of the town said."
)
WORDED = [
    # However long the sentence, a reader sees what changed in it.
    (LONG, LONG.replace("good order", "fair order"), "found them in fair order, the mayor"),
    (LONG, LONG.replace("ferries ", "ferries and tugs "), "“and tugs” was added: “"),
    (LONG, LONG.replace(" of sailing ships", ""), "“of sailing ships” was taken out: “"),
    (LONG, LONG.replace("good order", "fair order"), "found them in good order, the mayor"),
]


@pytest.mark.parametrize(("old", "new", "told"), WORDED)
def test_a_change_in_a_long_sentence_can_be_seen_in_its_reason(old, new, told):
    reason = compare(document_from_text(old), document_from_text(new)).reason
    assert told in reason
    assert len(reason) < 320


def test_a_word_of_doubt_is_told_with_what_it_stands_in():
    sure = "The captain was asleep when the ferry ran aground."
    doubt = "The captain was reportedly asleep when the ferry ran aground."
    there, back = (document_from_text(text) for text in (sure, doubt))
    assert compare(there, back).reason == (
        "“reportedly” was added in “The captain was reportedly asleep when the ferry ran aground.”"
        ": the text is less certain now."
    )


def test_a_long_quotation_is_told_about_the_words_that_changed():
    words = "the line is safe and was inspected in spring by people who know what they are doing "
    quote = f"“We can say that {words * 2}today,” said Renske Dahl."
    reason = compare(
        document_from_text(quote), document_from_text(quote.replace("today", "this year"))
    ).reason
    assert "today" in reason
    assert "this year" in reason
    assert len(reason) < 320


def test_a_fact_that_came_or_went_is_told_as_such():
    rest = "The port counted its ferries on Sunday and found them in good order. "
    plain = rest + "The fleet is safe."
    said = rest + "The fleet is safe, according to the mayor of Holm."
    there, back = (document_from_text(text) for text in (plain, said))
    assert "was added: " in compare(there, back).reason
    assert "was dropped: " in compare(back, there).reason


def test_sentences_that_were_split_or_merged_are_counted():
    one = "The ferry ran aground near the old pier, and a tug was sent to pull it free at once."
    two = "The ferry ran aground near the old pier. A tug was sent to pull it free at once."
    rest = " The line was opened in 1987. It carries many people."
    whole, cut = document_from_text(one + rest), document_from_text(two + rest)
    assert compare(whole, cut).reason.startswith("One sentence became two: “")
    assert compare(cut, whole).reason.startswith("Two sentences became one: “")


def test_no_reason_puts_our_inference_into_the_mouth_of_the_outlet():
    old = document_from_text(LONG)
    for swap in (("good", "bad"), ("Sunday", "Monday"), ("mayor", "harbour master")):
        reason = compare(old, document_from_text(LONG.replace(*swap))).reason
        assert "outlet" not in reason
        assert "admit" not in reason
