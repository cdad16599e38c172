"""Notes held against the changes they came with: admitted, left unsaid, and still wrong."""

from dataclasses import replace

import pytest

from store.compare import compare
from store.compare.places import named_paragraphs, named_parts
from store.model import ChangeKind
from store.text import document_from_text

BODY = (
    "The northern ferry ran aground near Holm on Tuesday with 140 passengers on board.",
    "At least 12 people were injured, the harbour office said.",
    "Captain Katherine Roe was not on the bridge, according to the coast guard.",
    "“We had no warning at all,” said Renske Dahl, who was on deck.",
    "The line was opened in 1987 and carries half a million people a year.",
)
CASUALTIES = ("12 people", "11 people")
PASSENGERS = ("140", "410")


def article(texts, headline="Ferry runs aground near Holm"):
    document = document_from_text("\n\n".join(texts))
    return replace(document, headline=headline, language="en")


def changed(*swaps):
    texts = BODY
    for old, new in swaps:
        texts = tuple(text.replace(old, new) for text in texts)
    return texts


def compared(note, *swaps, headline="Ferry runs aground near Holm", old=BODY):
    return compare(article(old), article((*changed(*swaps), note), headline))


def of_text(comparison):
    return [
        c for c in comparison.changes if c.note is None and c.kind is not ChangeKind.STILL_WRONG
    ]


ADMITTED = [
    # The note, and the edit it admits.
    ("Correction: The number of injured is 11, not 12.", CASUALTIES),
    ("Correction: An earlier version gave a wrong number of people injured. It is 11.", CASUALTIES),
    ("Correction: Eleven people were injured, not twelve.", CASUALTIES),
    ("Correction: The number in the second paragraph has been corrected.", CASUALTIES),
    (
        "Correction: An earlier version misspelled the captain's name. She is Catherine Roe.",
        ("Katherine", "Catherine"),
    ),
    (
        "Correction: An earlier version of this story had a passenger say “no warning at all”.",
        ("no warning at all", "hardly any warning"),
    ),
    ("Correction: The line was opened in 1978.", ("1987", "1978")),
    ("Clarification: The ferry had 410 passengers on board, not 140.", PASSENGERS),
]


@pytest.mark.parametrize(("note", "swap"), ADMITTED)
def test_a_note_admits_what_it_names(note, swap):
    comparison = compared(note, swap)
    (change,) = of_text(comparison)
    assert change.declared_by == 0
    assert change.reason.endswith("at the foot says so.")
    assert "changed_with_note" in comparison.kinds
    assert not {"changed_without_note", "undisclosed_extra"} & set(comparison.kinds)


def test_what_a_note_leaves_unsaid_is_told_and_weighs_more():
    comparison = compared(
        "Correction: The number of injured is 11, not 12.", CASUALTIES, PASSENGERS
    )
    passengers, injured = of_text(comparison)
    assert (passengers.declared_by, injured.declared_by) == (None, 0)
    assert passengers.reason.endswith("; the correction at the foot does not mention it.")
    assert passengers.significance > injured.significance
    assert {"undisclosed_extra", "changed_without_note", "changed_with_note"} <= {*comparison.kinds}


def test_a_note_of_an_update_admits_additions_and_no_replacement():
    more = "A tug from the mainland is on its way."
    old, new = article(BODY), article((*changed(CASUALTIES), more, "This story has been updated."))
    comparison = compare(old, new)
    replaced, added = of_text(comparison)
    assert (replaced.declared_by, added.declared_by) == (None, 0)
    assert replaced.reason.endswith("; the update at the foot does not mention it.")
    assert added.reason.endswith("; the update at the foot says that the article was updated.")
    assert "changed_without_note" in comparison.kinds


def test_a_correction_that_does_not_say_what_it_corrects_accuses_nobody():
    comparison = compared("This article has been corrected.", CASUALTIES)
    (change,) = of_text(comparison)
    assert change.declared_by is None
    assert change.reason.endswith("; the correction at the foot does not say what it is about.")
    assert "changed_without_note" not in comparison.kinds


def test_one_number_of_a_note_is_no_admission_where_it_speaks_of_something_else():
    note = "Correction: The museum in Altona opens on 12 exhibition days a month."
    (change,) = of_text(compared(note, CASUALTIES))
    assert change.declared_by is None


def test_the_time_of_a_note_is_no_value_it_admits():
    note = "Update, 12 May 2026, 11.00: People ashore have been told that the pier is closed."
    (change,) = of_text(compared(note, CASUALTIES))
    assert change.declared_by is None


def test_a_note_on_the_headline_admits_the_headline():
    note = "Correction: The headline of this article has been changed; no one died."
    old = article(BODY, "Four die as ferry runs aground")
    (change, _) = compare(old, article((*BODY, note))).changes
    assert (change.kind, change.declared_by) == (ChangeKind.HEADLINE, 0)


@pytest.mark.parametrize(
    ("lead", "old", "new", "note"),
    [
        (
            "Die Fähre lief am Dienstag vor Holm auf Grund.",
            "Mindestens 12 Menschen wurden verletzt, sagte die Polizei in Holm.",
            "Mindestens 14 Menschen wurden verletzt, sagte die Polizei in Holm.",
            "Korrektur: In einer früheren Version hieß es, 12 Menschen seien verletzt worden.",
        ),
        (
            "Le ferry s'est échoué mardi devant le port de Holm.",
            "Au moins 12 personnes ont été blessées, selon la police de Holm.",
            "Au moins 14 personnes ont été blessées, selon la police de Holm.",
            "Correction : une version précédente de cet article disait 12 personnes blessées.",
        ),
        (
            "Ferja gikk på grunn ved Holm tirsdag kveld.",
            "Minst 12 personer ble skadet på Holm, sier politiet til avisen.",
            "Minst 14 personer ble skadet på Holm, sier politiet til avisen.",
            "Rettelse: I en tidligere versjon av saken sto det at 12 personer ble skadet.",
        ),
    ],
)
def test_numbers_link_notes_to_edits_in_other_languages(lead, old, new, note):
    before, after = (document_from_text("\n\n".join(t)) for t in ((lead, old), (lead, new, note)))
    comparison = compare(before, after)
    (change,) = of_text(comparison)
    assert change.declared_by == 0


# --------------------------------------------------------------------------
# Still wrong


def left_wrong(comparison):
    return [c.reason for c in comparison.changes if c.kind is ChangeKind.STILL_WRONG]


def test_a_corrected_number_that_stands_in_the_headline_is_found():
    headline = "12 people injured as ferry runs aground"
    old, note = article(BODY, headline), "Correction: The number of injured is 11, not 12."
    comparison = compare(old, article((*changed(CASUALTIES), note), headline))
    (reason,) = left_wrong(comparison)
    assert reason == (
        "“12” became “11” and the correction at the foot says so, but “12” still stands in the "
        f"headline: “{headline}”."
    )
    assert "still_wrong" in comparison.kinds


def test_a_corrected_name_that_stands_further_down_is_found():
    more = "In the evening Katherine Roe went ashore."
    note = "Correction: An earlier version misspelled the name of Catherine Roe."
    old = (*BODY, more)
    new = (*changed(("Katherine", "Catherine")), more, note)
    (reason,) = left_wrong(compare(article(old), article(new)))
    assert reason.endswith(f"still stands further in the text: “{more}”")


def test_a_value_that_a_note_denies_and_the_text_keeps_is_found():
    (reason,) = left_wrong(compared("Correction: 11 people were injured, not 12."))
    assert reason == (
        "The correction at the foot says “11” and not “12”, but “12” still stands further in the "
        "text: “At least 12 people were injured, the harbour office said.”"
    )


def test_the_same_number_of_something_else_is_not_wrong():
    more = "The harbour has 12 berths for larger ships."
    note = "Correction: The number of injured is 11, not 12."
    comparison = compare(article((*BODY, more)), article((*changed(CASUALTIES), more, note)))
    assert left_wrong(comparison) == []


def test_another_person_of_a_corrected_name_is_not_wrong():
    more = "Tomas Brandl, the mayor of another town, came to the pier."
    old = (*BODY[:2], "Tomas Brandl commands the ship and spoke to the crew on board.", more)
    new = (*BODY[:2], "Alma Verduin commands the ship and spoke to the crew on board.", more)
    note = "Correction: The ship is commanded by Alma Verduin, not Tomas Brandl."
    assert left_wrong(compare(article(old), article((*new, note)))) == []


def test_an_update_admits_no_error_and_leaves_none():
    headline = "12 people injured as ferry runs aground"
    note = "Update: The number of injured people has gone from 12 to 14, the office says now."
    swap = ("12 people", "14 people")
    comparison = compare(article(BODY, headline), article((*changed(swap), note), headline))
    assert left_wrong(comparison) == []


# --------------------------------------------------------------------------
# Where a note says the error was


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Corrects spelling in paragraph 3.", {3}),
        ("the number in the second paragraph", {2}),
        ("im dritten Absatz", {3}),
        ("dans le premier paragraphe", {1}),
        ("en el último párrafo", {9}),
        ("in the final paragraph", {9}),
        ("the paragraph on prices", set()),
    ],
)
def test_paragraphs_are_read_out_of_notes(text, places):
    assert named_paragraphs(text, 9) == places


def test_the_frame_is_read_out_of_notes():
    assert named_parts("Die Überschrift wurde geändert.") == {"headline"}
    assert named_parts("The byline and the headline were wrong.") == {"headline", "byline"}
    assert named_parts("The number was wrong.") == set()
