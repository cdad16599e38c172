"""Changes: each difference told once, with its reason, its weight and what the notes say of it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.compare import ENGINE, compare, prepare, prepare_sentences
from store.compare.drafts import Sides
from store.compare.report import comparison_as_dict
from store.labels import KINDS, LABELS
from store.model import Block, BlockKind, ChangeKind, Claims, Document, Verdict
from store.text import document_from_text

BODY = (
    "The northern ferry ran aground near Holm on Tuesday with 140 passengers on board.",
    "At least 12 people were injured, the harbour office said.",
    "The captain was not told about the storm, according to the coast guard.",
    "The line was opened in 1987 and carries half a million people a year.",
)


def article(*blocks, headline=None, byline=None, standfirst=None, modified=None):
    document = document_from_text("\n\n".join(blocks))
    return Document(
        "https://herald.example/1",
        headline,
        document.blocks,
        standfirst=standfirst,
        byline=byline,
        modified=modified,
        language="en",
        notes=document.notes,
    )


def only(comparison):
    (change,) = comparison.changes
    return change


def edited(old, new):
    return compare(article(*BODY), article(*(text.replace(old, new) for text in BODY)))


def test_a_silent_change_of_a_fact_says_so_in_its_reason_and_in_the_kinds():
    comparison = edited("12 people", "11 people")
    change = only(comparison)
    assert change.reason == ("The number of injured went from 12 to 11; changed without a note.")
    assert "changed_without_note" in comparison.kinds
    assert (change.old_sentences, change.new_sentences) == ((1,), (1,))


def test_a_note_that_names_the_value_declares_the_change():
    note = "Correction: The number of injured is 11, not 12."
    new = [text.replace("12 people", "11 people") for text in BODY]
    comparison = compare(article(*BODY), article(*new, note))
    correction, change = comparison.changes
    assert correction.kind is ChangeKind.CORRECTION
    assert correction.note == 0
    assert correction.new_sentences == (4,)
    assert change.declared_by == 0
    assert change.reason.endswith("; the correction at the foot says so.")
    assert "changed_without_note" not in comparison.kinds


def test_a_note_that_says_nothing_neither_declares_nor_accuses():
    new = [text.replace("12 people", "11 people") for text in BODY]
    comparison = compare(article(*BODY), article(*new, "This article has been corrected."))
    change = comparison.changes[1]
    assert change.declared_by is None
    assert "without a note" not in change.reason


def test_a_reversed_meaning_is_told_with_both_wordings():
    change = only(edited("was not told", "was told"))
    assert change.reason == (
        "“was not told” became “was told”: the meaning is reversed; changed without a note."
    )


def test_a_value_that_only_went_to_another_sentence_has_not_changed():
    old = ["Police counted 12 cars at the pier on Monday.", "They saw 30 boats in the bay too."]
    new = ["Police counted 30 boats at the pier on Monday.", "They saw 12 cars in the bay too."]
    comparison = compare(prepare_sentences(old), prepare_sentences(new))
    assert all(fact.type != "number" for change in comparison.changes for fact in change.facts)


@pytest.mark.parametrize(
    ("sentences", "is_name"),
    [
        (["Nobody saw Hale."], True),
        (["Then, Hale left.", "It was a haleness."], True),
        (["Nobody saw Hale.", "He is hale and well."], False),
        (["Hale left."], False),
        (["The 9 Hale left.", "“ Hale left.", "He met Haley and Hale_2."], False),
    ],
)
def test_a_name_has_a_word_before_it_somewhere_and_is_never_small(sentences, is_name):
    old, new = prepare_sentences(sentences), prepare_sentences([])
    assert Sides(old, new, {}, {}, ()).is_name("Hale") is is_name
    assert Sides(new, old, {}, {}, ()).is_name("Hale") is is_name


def test_what_matters_more_weighs_more():
    casualty = only(edited("12 people", "11 people")).significance
    typo = only(compare(article(*BODY), article(*BODY[:3], BODY[3].replace("line", "lien"))))
    update = "Update: All passengers are safely on land now, the harbour office said."
    note = only(compare(article(*BODY), article(*BODY, update)))
    number = only(edited("140 passengers", "410 passengers"))
    assert casualty > typo.significance
    assert number.significance > note.significance > typo.significance


def test_a_declared_fact_weighs_less_than_a_silent_one():
    new = [text.replace("12 people", "11 people") for text in BODY]
    declared = compare(article(*BODY), article(*new, "Correction: 11 were injured, not 12."))
    silent = compare(article(*BODY), article(*new))
    assert declared.changes[1].significance < silent.changes[0].significance


HEADLINES = [
    ("Ferry runs aground near Holm", "Ferry runs aground near Holm.", "cosmetic"),
    ("Ferry runs agruond near Holm", "Ferry runs aground near Holm", "cosmetic"),
    ("Ferry runs aground near Holm", "LIVE: Ferry runs aground near Holm", "tag"),
    ("Ferry line may need repairs", "Ferry line does not need repairs", "polarity"),
    ("Ferry line isn't safe, say pilots", "Ferry line is safe, say pilots", "polarity"),
    ("Harbour 'closes' its pier", "Harbour closes its pier", "reworded"),
    ("Watch: Ferry runs aground", "Ferry runs aground", "tag"),
    ("Ferry runs aground", "Ferry runs aground | Video", "tag"),
    ("【速報】フェリーが座礁", "フェリーが座礁", "tag"),
    ("Fähre läuft auf Grund", "Liveticker: Fähre läuft auf Grund", "tag"),
    ("Ferry runs aground", "Watch the ferry run aground", "reworded"),
    ("Ferry crash leaves 12 injured", "Ferry crash leaves 14 injured", "fact"),
    ("Captain was warned of storm", "Captain was not warned of storm", "polarity"),
    ("Ferry runs aground near Holm", "Passengers saved from stranded ferry", "reworded"),
    ("Captain denies sleeping on duty", "Captain admits sleeping on duty", "fact"),
]


@pytest.mark.parametrize(("old", "new", "sub_kind"), HEADLINES)
def test_a_headline_says_how_it_changed(old, new, sub_kind):
    change = only(compare(article(*BODY, headline=old), article(*BODY, headline=new)))
    assert (change.kind, change.sub_kind) == (ChangeKind.HEADLINE, sub_kind)


def test_byline_and_standfirst_are_changes_of_their_own():
    old = article(*BODY, byline="Alma Verduin", standfirst="What we know so far.")
    new = article(*BODY, byline="Renske Holm", standfirst="What is known of the accident.")
    assert [c.kind for c in compare(old, new).changes] == [
        ChangeKind.STANDFIRST,
        ChangeKind.BYLINE,
    ]


def test_a_standfirst_among_the_blocks_is_told_once_and_with_its_sentences():
    lead, other = "Nine people were hurt, police say.", "Twelve people were hurt, police say."
    old = article(lead, *BODY, standfirst=lead)
    new = article(other, *BODY, standfirst=other)
    change = only(compare(old, new))
    assert (change.kind, change.old, change.new) == (ChangeKind.STANDFIRST, lead, other)
    assert (change.old_sentences, change.new_sentences) == ((0,), (0,))
    assert change.facts


def test_a_paragraph_that_is_marked_up_as_standfirst_is_no_change():
    lead = "Nine people were hurt, police say."
    comparison = compare(article(lead, *BODY), article(lead, *BODY, standfirst=lead))
    assert comparison.verdict is Verdict.UNCHANGED


def test_a_standfirst_that_was_a_paragraph_before_is_told_by_the_text():
    lead, other = "Nine people were hurt, police say.", "Twelve people were hurt, police say."
    change = only(compare(article(lead, *BODY), article(other, *BODY, standfirst=other)))
    assert change.kind is ChangeKind.EDITED


def test_a_new_stamp_alone_is_no_change():
    old = article(*BODY, modified="2026-01-01T10:00:00Z")
    new = article(*BODY, modified="2026-01-01T12:00:00Z")
    comparison = compare(old, new)
    assert comparison.verdict is Verdict.UNCHANGED
    assert comparison.kinds == ("timestamp_only",)


def test_growth_at_the_top_and_loss_are_labelled():
    live = [
        f"{hour}.00: The tug number {hour} has reached the stranded ferry." for hour in (7, 8, 9)
    ]
    assert "live_growth" in compare(article(*BODY), article(*live, *BODY)).kinds
    assert "cut" in compare(article(*BODY), article(BODY[0])).kinds
    assert "expansion" in compare(article(BODY[0]), article(*BODY)).kinds


ENTRIES = (
    "14:05 – The tug has reached the ferry and a line is being made fast, the harbour office says.",
    "13.40: Divers are under way from the mainland, according to the coast guard.",
    "1.15 p.m. The first passengers have come ashore in lifeboats, all of them unharmed.",
)
SUMMARY = "The ferry is still aground; a tug is on its way."


def live(*entries, summary=SUMMARY, live_blog=False):
    document = article(summary, *entries, *BODY, headline="Ferry aground: live")
    return replace(document, claims=Claims(live_blog=live_blog))


LIVE = [
    ("entries with stamps on top", live(), live(*ENTRIES)),
    ("one more entry of several", live(*ENTRIES[1:]), live(*ENTRIES)),
    (
        "the summary edited as well",
        live(*ENTRIES[2:]),
        live(*ENTRIES, summary="The ferry is still aground; a tug has arrived."),
    ),
    (
        "stamps in blocks of their own",
        live(),
        live("14:05", "The tug has arrived.", "kl. 13.40", "Divers are under way."),
    ),
    (
        "a page that calls itself live coverage",
        live(live_blog=True),
        live("The tug has reached the ferry.", live_blog=True),
    ),
    ("entries in German", live(), live("Um 14.05 Uhr: Es geht los.", "13.40 Uhr: Der Schlepper.")),
    ("entries in Japanese", live(), live("14時05分 曳船が到着した。", "13時40分 乗客が上陸した。")),
]
NOT_LIVE = [
    ("a longer top of a story", live(), live("A tug came.", "Divers, too, were sent for.")),
    ("entries below the text", live(), article(SUMMARY, *BODY, *ENTRIES)),
    ("the text below rewritten", live(), article(SUMMARY, *ENTRIES, "All else is new here.")),
    ("a score and a price on top", live(), live("2.50 euros is the fare.", "It was 2-1 at last.")),
    ("entries that went", live(*ENTRIES), live()),
]


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in LIVE], ids=[c[0] for c in LIVE])
def test_live_coverage_that_grew_is_labelled(old, new):
    assert "live_growth" in compare(old, new).kinds


@pytest.mark.parametrize(
    ("old", "new"), [case[1:] for case in NOT_LIVE], ids=[c[0] for c in NOT_LIVE]
)
def test_other_growth_is_no_live_coverage(old, new):
    assert "live_growth" not in compare(old, new).kinds


def test_labels_come_in_the_order_of_the_vocabulary():
    old = article(*BODY, headline="Captain was warned of storm", byline="Alma Verduin")
    new = article(BODY[0], headline="Captain was not warned of storm", byline="Renske Holm")
    kinds = compare(old, new).kinds
    assert kinds == ("headline", "headline_polarity", "byline", "cut", "changed_without_note")
    assert set(kinds) <= set(LABELS) <= set(KINDS)


INTENTIONS = [
    # An edit, its NewsEdits 2.0 family, and its finer label where a rule can decide it.
    (BODY[1], BODY[1].replace("12", "14"), "factual", "Event Update"),
    (BODY[2], BODY[2].replace("not ", ""), "factual", None),
    (
        "“We are safe now,” said Renske Dahl on the pier.",
        "“We were never safe there,” said Renske Dahl on the pier.",
        "factual",
        "Quote Update",
    ),
    (BODY[3], BODY[3].replace("opened", "openned"), "stylistic", "Syntax Correction"),
    (BODY[3], BODY[3].replace("carries", "takes"), "stylistic", None),
    (
        BODY[0],
        BODY[0].replace("board.", "board, after its engine had failed twice off the coast."),
        "narrative",
        None,
    ),
]


@pytest.mark.parametrize(("old", "new", "family", "intention"), INTENTIONS)
def test_an_edit_has_its_newsedits_family_and_label(old, new, family, intention):
    rest = [text for text in BODY if text != old]
    change = only(compare(article(*rest, old), article(*rest, new)))
    assert (change.family, change.intention) == (family, intention)


def test_moves_corrections_and_quotes_have_their_newsedits_labels():
    up = only(compare(article(*BODY), article(BODY[3], *BODY[:3])))
    assert (up.family, up.intention) == ("stylistic", "Emphasize Importance")
    quote = "“The pier is no place for a ship of that size,” the mayor said."
    more = only(compare(article(*BODY), article(*BODY, quote)))
    assert (more.family, more.intention) == ("factual", "Quote Addition")
    less = only(compare(article(*BODY, quote), article(*BODY)))
    assert (less.family, less.intention) == ("factual", "Delete Quote")
    new = [text.replace("12 people", "11 people") for text in BODY]
    note = "Correction: The number of injured is 11, not 12."
    corrected = compare(article(*BODY), article(*new, note)).changes
    assert [change.intention for change in corrected] == ["Correction", "Correction"]


def test_typography_alone_is_cosmetic():
    old = article('"We are late," she said.', *BODY)
    new = article("“We are late,” she said.", *BODY)
    comparison = compare(old, new)
    assert (comparison.verdict, comparison.changes) == (Verdict.COSMETIC, ())


def test_a_given_segmentation_is_kept():
    sentences = ["One. Two.", "Three", "four."]
    comparison = compare(prepare_sentences(sentences), prepare_sentences(sentences[:2]))
    assert [s.text for s in comparison.old_sentences] == sentences


def test_prepared_versions_and_documents_give_the_same_answer():
    old, new = article(*BODY), article(*BODY[1:], "A tug is on its way to Holm.")
    assert compare(old, new) == compare(prepare(old), prepare(new))


def test_the_report_is_plain_data_with_indices_from_zero():
    old, new = (
        article(*BODY),
        article(*BODY[1:], "Update: A tug is on its way to Holm, police said."),
    )
    comparison = compare(old, new)
    report = comparison_as_dict(comparison, old, new)
    assert json.loads(json.dumps(report)) == report
    assert report["engine"] == ENGINE
    assert report["verdict"] == "changed"
    assert [note["status"] for note in report["notes"]] == ["added"]
    placed = sorted(i for pair in report["alignment"] for i in pair["old"])
    assert placed == list(range(len(report["old"]["sentences"])))


pieces = st.lists(
    st.one_of(
        st.sampled_from(BODY),
        st.text(max_size=60),
        st.sampled_from(
            ["Update: 12 people are safe now, police said.", "Correction:", "(Edit: no)"]
        ),
    ),
    max_size=6,
)


@given(pieces, pieces)
@settings(max_examples=250, deadline=None)
def test_no_two_versions_break_the_engine(old, new):
    before, after = document_from_text("\n\n".join(old)), document_from_text("\n\n".join(new))
    comparison = compare(before, after)
    assert compare(before, after) == comparison
    for change in comparison.changes:
        assert 0 <= change.significance <= 1
        assert change.reason.endswith((".", "…”", ".”", "!”", "?”", "。”", "！”", "？”"))
    json.dumps(comparison_as_dict(comparison, before, after))


@given(pieces)
@settings(max_examples=150, deadline=None)
def test_a_document_against_itself_is_unchanged(texts):
    document = document_from_text("\n\n".join(texts))
    assert compare(document, document).verdict is Verdict.UNCHANGED


def test_a_block_of_another_kind_is_body_all_the_same():
    old = Document("", None, (Block(BlockKind.LIST_ITEM, "Ten tugs"),))
    new = Document("", None, (Block(BlockKind.LIST_ITEM, "Nine tugs"),))
    assert compare(old, new).verdict is Verdict.CHANGED
