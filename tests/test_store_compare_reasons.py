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
