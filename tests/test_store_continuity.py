"""Whether a new reading is still this article, and all of it."""

from dataclasses import replace

import pytest

from store.continuity import judge_continuity
from store.model import Block, BlockKind, Document, Note, NoteKind, Place

SENTENCES = [
    "The council voted on Monday night to sell the old pier to a private company.",
    "Ada Winter, who leads the council, called the price of 4.2 million crowns fair to the town.",
    "Opponents had gathered eleven thousand signatures against the sale of the landmark.",
    "They fear that the pier will be closed in winter, as the swimming hall was in the spring.",
    "The buyer promised to keep the pier open all year and to repair its piles before summer.",
    "A court will still have to look at a complaint by two shop owners whose leases end in March.",
    "The first stone of the pier was laid in 1893, when the town lived on herring and timber.",
    "Every summer some forty thousand visitors walk to its end, where a bell is rung at noon.",
]
OTHER = [
    "Scientists at the institute have measured the deepest winter temperature since records began.",
    "Their thermometers, hidden beneath glaciers, transmit figures through satellites every hour.",
    "Polar researchers expect further extremes because circulation patterns continue shifting.",
    "Funding for additional expeditions remains uncertain despite international attention.",
    "Meanwhile neighbouring laboratories compare samples gathered throughout several decades.",
]


def document(sentences, headline="Council sells the old pier", notes=()):
    blocks = tuple(Block(BlockKind.PARAGRAPH, sentence) for sentence in sentences)
    return Document("https://post.example/pier", headline, blocks, language="en", notes=notes)


OLD = document(SENTENCES)


@pytest.mark.parametrize(
    "new",
    [
        SENTENCES,
        SENTENCES[:-1],
        SENTENCES[1:],
        [*SENTENCES[:3], "The pier will be painted green.", *SENTENCES[3:]],
        list(reversed(SENTENCES)),
        [*SENTENCES, *OTHER],
        [
            sentence.replace("pier", "landing stage").replace("council", "town hall")
            for sentence in SENTENCES
        ],
        [
            *SENTENCES[:2],
            "The rest was rewritten: a court stopped the sale of the pier on Tuesday.",
            *SENTENCES[6:],
        ],
    ],
)
def test_an_edit_is_not_doubted(new):
    assert judge_continuity(OLD, document(new)) is None


def test_another_story_is_noticed():
    doubt = judge_continuity(OLD, document(OTHER, "Coldest winter on record, institute says"))
    assert doubt is not None
    assert doubt.detail == "other_story"


def test_a_rewritten_story_under_its_headline_is_the_same_story():
    assert judge_continuity(OLD, document(OTHER, "Council sells old pier")) is None


@pytest.mark.parametrize("left", [5, 4, 3])
def test_a_lost_end_is_a_cut(left):
    doubt = judge_continuity(OLD, document(SENTENCES[:left]))
    assert doubt is not None
    assert doubt.detail == "truncated"


def test_a_text_that_ends_inside_a_sentence_is_cut():
    doubt = judge_continuity(OLD, document([*SENTENCES[:6], SENTENCES[6][:40]]))
    assert doubt is not None
    assert doubt.detail == "cut_inside"


def test_a_tenth_of_the_text_is_no_version():
    doubt = judge_continuity(OLD, document(SENTENCES[3:4]))
    assert doubt is not None
    assert doubt.detail == "shrunk"
    assert doubt.reason.endswith(".")


def test_a_note_explains_a_loss():
    text = "Retraction: This article has been withdrawn, since its source was invented."
    note = Note(NoteKind.RETRACTION, text, Place.TOP, "en", "en/retraction", block=0)
    assert judge_continuity(OLD, document([text], notes=(note,))) is None
    assert (
        judge_continuity(OLD, document(["This story has been withdrawn by its editors."])) is None
    )


def test_an_old_note_explains_nothing():
    text = "Correction: The pier was sold for 4.2 million crowns."
    note = Note(NoteKind.CORRECTION, text, Place.TOP, "en", "en/correction", block=0)
    old = replace(document([text, *SENTENCES]), notes=(note,))
    new = replace(document([text, *SENTENCES[:3]]), notes=(note,))
    assert judge_continuity(old, new) is not None


def test_nothing_is_said_about_empty_readings():
    assert judge_continuity(OLD, document([])) is None
    assert judge_continuity(document([]), OLD) is None


def test_a_short_item_may_lose_a_sentence():
    old = document(
        ["The ferry runs again.", "Tickets cost ten crowns.", "It leaves at nine."], "Ferry runs"
    )
    assert (
        judge_continuity(
            old, document(["The ferry runs again.", "Tickets cost ten crowns."], "Ferry runs")
        )
        is None
    )
