"""Each finding of the engine as a reader meets it: worded, explained, linked, and only text."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard import particulars, passages, redline
from dashboard.wording import (
    CHANGE_KINDS,
    FACTS,
    LABELS,
    SUB_KINDS,
    Clock,
    declared_in_words,
    kind_in_queue,
    labels_in_words,
    sub_kind_in_words,
)
from dashboard_stories import HOSTILE, document
from store import labels, message
from store.compare import compare
from store.model import ChangeKind, Comparison, Document, NoteKind
from test_dashboard_markup import seen
from test_dashboard_pages import SAFE

NOON = Clock(datetime(2026, 5, 14, 12, tzinfo=UTC), ZoneInfo("UTC"))
PORT = (
    "The harbour master said that the port would stay closed until Friday.",
    "Ferries to the islands were sent to the southern quay instead.",
)
HURT = "At least {} people were hurt when the ferry ran aground, police said."
COST = "The ferry was built in 1998 and cost {} million euros."
TAKEN = "All 12 people hurt were taken to the hospital in Holm."
MENDED = "Correction: An earlier version of this article said that 12 people were hurt. It is 14."


def report(*paragraphs: str, note: int | None = None, headline: str = "Ferry") -> Document:
    notes = () if note is None else ((NoteKind.CORRECTION, note, ""),)
    return document("https://a.example/1", "A", headline, *paragraphs, notes=notes)


def drawn(old: Document, new: Document) -> tuple[Comparison, str]:
    """The comparison, and all that the article page shows of it."""
    found = compare(old, new)
    arranged = passages.paragraphs(found, old, new)
    pins = particulars.pins(found, arranged)
    parts = [
        particulars.frame_changes(found, new),
        redline.inline(arranged, pins, lambda index: found.changes[index].facts, "en"),
        redline.side_by_side(arranged, ("Version 1", "Version 2")),
        *particulars.loose_notes(found, arranged),
        particulars.change_list(found, [None] * len(found.changes), NOON),
    ]
    return found, "".join(parts)


def wrong() -> tuple[Document, Document]:
    old = report(HURT.format(12), *PORT, TAKEN)
    return old, report(HURT.format(14), *PORT, TAKEN, MENDED, note=4)


# -- words for everything ----------------------------------------------------------------------


def test_every_kind_label_and_type_of_fact_has_words():
    weights = resources.files("store.compare").joinpath("weights.toml").read_text("utf-8")
    assert set(CHANGE_KINDS) == set(map(str, ChangeKind))
    assert set(LABELS) == set(labels.LABELS)
    assert set(FACTS) == set(tomllib.loads(weights)["facts"])
    for words in [*LABELS.values(), *FACTS.values(), *SUB_KINDS.values()]:
        assert "_" not in words


def test_the_export_page_lists_the_vocabulary_as_the_screen_has_it():
    page = (Path(__file__).parent.parent / "docs" / "exports.md").read_text("utf-8")
    told = page.partition("## Vocabulary")[2]
    rows = {*LABELS.items(), *FACTS.items(), *SUB_KINDS.items()}
    rows |= {(name, kind.word) for name, kind in CHANGE_KINDS.items()}
    assert [row for row in sorted(rows) if "| `{}` | {} |".format(*row) not in told] == []


def test_every_kind_a_headline_can_have_is_a_label_with_words():
    kinds = {label.removeprefix("headline_") for label in labels.LABELS if "headline_" in label}
    assert kinds <= set(SUB_KINDS)
    assert sub_kind_in_words("casualty_count") == "casualties"


@pytest.mark.parametrize(
    ("kind", "word"),
    [("editors_note", "editor's note"), ("still_wrong", "error still standing"), ("cut", "cut")],
)
def test_the_title_of_an_alert_names_its_kind_in_plain_words(kind, word):
    assert message.title(kind, "A", "Ferry") == f"[{word}] A: Ferry"


def test_the_whole_is_said_once_and_a_narrower_headline_label_replaces_the_wider():
    said = labels_in_words(("headline", "headline_fact", "cut"))
    assert said == "As a whole: a fact in the headline changed; the text lost three tenths or more."
    assert labels_in_words(()) == ""


@pytest.mark.parametrize(
    ("kind", "given", "declared", "said"),
    [
        ("correction", (), True, "declared by the outlet"),
        ("correction", ("undisclosed_extra",), True, "declared in part by the outlet"),
        ("correction", ("still_wrong",), True, "declared by the outlet and still wrong elsewhere"),
        ("changed_without_note", (), True, "no note declares it"),
        ("changed_without_note", ("undisclosed_extra",), True, "the note does not mention it"),
        ("note_removed", (), True, "seen by us"),
        ("still_wrong", (), True, "seen by us"),
        ("edited", (), False, "no note declares it"),
    ],
)
def test_the_queue_never_says_that_an_outlet_declares_what_it_does_not(kind, given, declared, said):
    assert declared_in_words(kind, event=False, declared=declared, labels=given) == said
    assert "_" not in kind_in_queue(kind, event=False, declared=declared).word


# -- one finding each --------------------------------------------------------------------------


def test_an_error_still_standing_is_pinned_where_it_stands_and_is_ours_to_say():
    _, shown = drawn(*wrong())
    assert "Error still standing" in shown
    assert "seen by us: the note admits it elsewhere" in shown
    pin = shown.index("Error still standing")
    assert shown.index("All 12 people hurt") < pin < shown.index("■ Correction, at the foot")


def test_a_note_is_pinned_with_what_it_declares_and_an_extra_is_not_among_it():
    old = report(HURT.format(12), COST.format("4.2"), *PORT)
    new = report(HURT.format(14), COST.format("2.4"), *PORT, MENDED, note=4)
    found, shown = drawn(old, new)
    assert "undisclosed_extra" in found.kinds
    assert "declares: casualties: 12 → 14<" in shown
    assert "the correction at the foot does not mention it" in shown


def test_a_note_that_is_gone_is_seen_by_us_and_not_declared():
    new, old = wrong()
    found, shown = drawn(old, new)
    row = shown.rpartition("Note taken away")[2].partition("</li>")[0]
    assert any(change.kind is ChangeKind.NOTE_REMOVED for change in found.changes)
    assert "seen by us" in row
    assert "no longer in the article" in shown
    assert "could be tied" not in shown
    assert "declared" not in row


def test_an_absorbed_sentence_shows_both_of_what_it_was():
    old = report(
        "The northern ferry ran aground near Holm on Tuesday morning. The ship, which has a crew "
        "of twelve, had left the port of Verduin in thick fog.",
        *PORT,
    )
    new = report(
        "The northern ferry ran aground near Holm after it had left the port of Verduin in thick "
        "fog on Tuesday morning.",
        *PORT,
    )
    found, shown = drawn(old, new)
    assert [change.kind for change in found.changes] == [ChangeKind.ABSORBED]
    assert "Part of a sentence taken into another" in shown
    assert found.changes[0].reason.startswith("Part of one sentence went into another: “")
    assert found.changes[0].reason.count("became") == 1


def test_a_link_that_leads_elsewhere_names_its_words_and_both_addresses():
    old = report("The report can be read here.", *PORT)
    first = replace(old.blocks[0], links=("https://gov.example/one",))
    second = replace(first, links=("https://gov.example/two",))
    found, shown = drawn(
        replace(old, blocks=(first, *old.blocks[1:])),
        replace(old, blocks=(second, *old.blocks[1:])),
    )
    assert found.reason == (
        "A link in “The report can be read here.” led to https://gov.example/one and now leads to "
        "https://gov.example/two."
    )
    assert "link: https://gov.example/one → https://gov.example/two" in shown


def test_a_headline_turned_round_says_so():
    old = report(*PORT, headline="Minister was told of the crack")
    new = report(*PORT, headline="Minister was not told of the crack")
    found, shown = drawn(old, new)
    assert "headline_polarity" in found.kinds
    assert "a denial came or went" in shown


def test_why_it_matters_as_much_is_folded_under_each_change_and_adds_up():
    found, shown = drawn(*wrong())
    assert shown.count("sl-parts") == len(found.changes)
    assert "people killed, hurt, missing, arrested, in the first two sentences" in shown
    for change in found.changes:
        assert f"Significance {change.significance:.2f} of 1: why" in shown
        assert sum(part.points for part in change.parts) == pytest.approx(
            change.significance, abs=0.01
        )


def test_a_sentence_that_ends_with_a_quotation_has_one_full_stop():
    for old, new in (wrong(), wrong()[::-1]):
        found, _ = drawn(old, new)
        assert not any(".”." in change.reason for change in found.changes)


# -- attacked ----------------------------------------------------------------------------------


@pytest.mark.parametrize("swap", [False, True], ids=["forth", "back"])
def test_hostile_words_in_every_finding_stay_words(swap):
    old, new = wrong()
    evil = [
        replace(
            side,
            headline=f"{side.headline} {HOSTILE}",
            byline=f"By {HOSTILE} {len(side.blocks)}",
            blocks=tuple(
                replace(block, text=f"{block.text} {HOSTILE}", links=(f"javascript:{number}<b>",))
                for number, block in enumerate(side.blocks)
            ),
            notes=tuple(
                replace(note, text=f"{note.text} {HOSTILE}", source=HOSTILE, stated_time=HOSTILE)
                for note in side.notes
            ),
        )
        for side in (old, new)
    ]
    first, second = evil[::-1] if swap else evil
    found, shown = drawn(first, second)
    assert found.changes
    assert set(seen(shown).tags) <= SAFE
    assert "\u202e" not in shown
    assert "href" not in shown


def test_a_version_compared_with_itself_shows_no_finding():
    _, new = wrong()
    found, shown = drawn(new, new)
    assert not found.changes
    assert "sl-pin" not in shown
    assert "<ins" not in shown
    assert "<del" not in shown


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("ar", "جنحت العبارة وأصيب 12 شخصا.", "جنحت العبارة وأصيب 14 شخصا."),
        ("he", "במעבורת נפצעו 12 בני אדם.", "במעבורת נפצעו 14 בני אדם."),
        ("ja", "フェリーが座礁し、12人がけがをした。", "フェリーが座礁し、14人がけがをした。"),
        ("zh", "渡轮搁浅，12人受伤。", "渡轮搁浅，14人受伤。"),
        ("th", "เรือข้ามฟากเกยตื้น มีผู้บาดเจ็บ 12 คน", "เรือข้ามฟากเกยตื้น มีผู้บาดเจ็บ 14 คน"),
    ],
)
def test_a_casualty_is_marked_alone_whatever_the_script(language, old, new):
    before, after = (document("https://a.example/1", "A", "H", text) for text in (old, new))
    found, shown = drawn(replace(before, language=language), replace(after, language=language))
    assert [fact.type for change in found.changes for fact in change.facts] == ["casualty_count"]
    assert "casualties: 12" in shown
    assert "<b>12" in shown
    assert "<b>14" in shown


def test_a_long_article_changed_throughout_is_drawn_whole():
    old = report(*(f"Witness {n} said that the gate number {n} was open." for n in range(300)))
    new = report(
        *(f"Witness {n} said that the gate number {n} was shut." for n in range(0, 300, 3)),
    )
    found, shown = drawn(old, new)
    assert shown.count("sl-parts") == len(found.changes)
