import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import passages, redline
from dashboard.lineage import lineage
from dashboard_stories import HOSTILE, arabic, bridge, council, document
from store.compare import compare
from store.model import BlockKind, FactChange, Span
from test_dashboard_markup import seen

OURS = {
    "ins", "del", "span", "bdi", "b", "p", "div", "details", "summary", "small", "aside", "h4",
    "blockquote", "pre", "sup", "q", "br",
}  # fmt: skip


def versions(story):
    """The states of a story that differ from the one before."""
    kept = []
    for state in story.states.values():
        if state is not None and (not kept or state != kept[-1]):
            kept.append(state)
    return kept


def arranged(old, new):
    return passages.paragraphs(compare(old, new), old, new)


def text_of(html: str) -> str:
    return "".join(seen(re.sub(r'<span class="sl-unseen">.*?</span>', "", html)).words)


def without(html: str, tag: str) -> str:
    return re.sub(rf"<{tag}>.*?</{tag}>", "", html, flags=re.DOTALL)


def test_insertions_and_removals_are_real_elements_with_words_for_listeners():
    drawn = redline.runs([Span("same", "It was "), Span("removed", "12"), Span("added", "11")])
    assert "<del>" in drawn
    assert "<ins>" in drawn
    assert "removed: " in drawn
    assert "inserted: " in drawn


def test_a_changed_value_stands_out_inside_what_changed():
    facts = (FactChange("number", "12", "11"),)
    drawn = redline.runs([Span("removed", "12 people"), Span("added", "11 people")], facts)
    assert "<b>12</b> people" in drawn
    assert "<b>11</b> people" in drawn


def test_blanks_around_a_run_are_not_underlined():
    assert redline.inserted(" new ").startswith(" <ins>")
    assert redline.inserted(" new ").endswith("</ins> ")


def test_a_reason_is_marked_inside_its_quotations():
    spans = (Span("same", "was "), Span("removed", "not "), Span("same", "told"))
    drawn = redline.marked("“was not told” became “was told”.", spans)
    assert drawn is not None
    assert "<del>" in drawn
    assert text_of(drawn) == "“was not told” became “was told”."


def test_a_reason_that_names_two_figures_has_them_marked():
    facts = (FactChange("number", "12", "11"),)
    drawn = redline.marked("The injured went from 12 to 11; 120 stay.", (), facts)
    assert drawn is not None
    assert drawn.count("<del>") == 1
    assert text_of(drawn) == "The injured went from 12 to 11; 120 stay."


def test_a_reason_that_names_nothing_is_left_to_an_excerpt():
    assert redline.marked("Three sentences were rewritten.", (Span("added", "x"),)) is None


def test_an_excerpt_keeps_the_change_and_a_little_around_it():
    spans = (Span("same", "far away " * 40), Span("added", "NEW"), Span("same", " behind" * 40))
    shown = text_of(redline.excerpt(spans))
    assert "NEW" in shown
    assert len(shown) < 200
    assert shown.startswith("…")


def test_removing_the_insertions_gives_the_old_text_and_the_other_way_round():
    old, new = versions(bridge())[-2:]
    drawn = redline.inline(arranged(old, new))
    plain = without(drawn, "del")
    for block in new.blocks:
        assert block.text in " ".join(text_of(plain).split())
    before = " ".join(text_of(without(drawn, "ins")).split())
    for block in old.blocks:
        assert block.text in before


def test_unchanged_paragraphs_fold_and_can_be_opened():
    old, new = versions(bridge())[-2:]
    drawn = redline.inline(arranged(old, new))
    assert "<details" in drawn
    assert "paragraphs unchanged" in drawn


def test_a_moved_paragraph_says_from_where():
    states = versions(bridge())
    drawn = redline.inline(arranged(states[2], states[3]))
    assert "moved up from paragraph 10" in drawn


def test_a_removed_paragraph_stands_where_it_stood():
    old = document("https://a.example/1", "A", "H", "One stays.", "Two will go.", "Three stays.")
    new = document("https://a.example/1", "A", "H", "One stays.", "Three stays.")
    states = [paragraph.state for paragraph in arranged(old, new)]
    assert states == [passages.State.SAME, passages.State.REMOVED, passages.State.SAME]


def test_a_sentence_removed_inside_a_paragraph_stays_inside_it():
    old = document("https://a.example/1", "A", "H", "One stays here. Two will go. Three stays too.")
    new = document("https://a.example/1", "A", "H", "One stays here. Three stays too.")
    (only,) = arranged(old, new)
    assert [piece.op for piece in only.pieces] == ["same", "removed", "same"]


def test_side_by_side_shows_no_insertion_on_the_old_side():
    old, new = versions(council())
    drawn = redline.side_by_side(arranged(old, new), ("Version 1", "Version 2"))
    assert drawn.count("<del>") == 1
    assert "Version 1" in drawn


def test_columns_swap_for_right_to_left_text():
    old, new = versions(arabic())
    drawn = redline.side_by_side(arranged(old, new), ("1", "2"))
    assert 'class="sl-sides" dir="rtl"' in drawn


def test_blame_names_the_version_of_each_sentence():
    states = versions(bridge())
    steps = [compare(a, b) for a, b in pairwise(states)]
    columns = lineage(states, steps)
    drawn = redline.blame(columns[-1], len(columns), {n: f"time {n}" for n in range(1, 9)})
    assert "v5" in drawn
    assert "since version 2, time 2" in drawn


def test_hostile_articles_show_as_text_in_every_view():
    old = document("https://a.example/1", HOSTILE, HOSTILE, HOSTILE, "An end. " + HOSTILE)
    new = document("https://a.example/1", HOSTILE, HOSTILE, HOSTILE, "Another. " + HOSTILE)
    rows = arranged(old, new)
    columns = lineage([old, new], [compare(old, new)])
    views = [
        redline.inline(rows),
        redline.side_by_side(rows, (HOSTILE, HOSTILE)),
        redline.blame(columns[-1], 2, {1: HOSTILE, 2: HOSTILE}),
    ]
    for drawn in views:
        assert set(seen(drawn).tags) <= OURS
        assert "\u202e" not in drawn
        assert "⟨U+202E⟩" in drawn


WORDS = st.sampled_from(["One.", "Two is here.", "Three was 12.", "Four! ", "五。", "ستة.", ""])
BODY = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(BODY, BODY)
def test_any_two_bodies_can_be_arranged_and_no_word_of_the_new_one_is_lost(before, after):
    old = document("https://a.example/1", "A", "H", *before)
    new = document("https://a.example/1", "A", "H", *after)
    drawn = redline.inline(arranged(old, new))
    shown = "".join(text_of(without(drawn, "del")).split())
    for block in new.blocks:
        for word in block.text.split():
            assert word in shown


def test_quotes_and_headings_keep_their_elements():
    base = document("https://a.example/1", "A", "H", "A heading", "A quotation.")
    kinds = (BlockKind.HEADING, BlockKind.QUOTE)
    blocks = tuple(
        type(block)(kind, block.text) for block, kind in zip(base.blocks, kinds, strict=True)
    )
    same = type(base)(base.address, base.headline, blocks)
    changed = type(base)(
        base.address, base.headline, (blocks[0], type(blocks[1])(kinds[1], "Another thing."))
    )
    tags = seen(redline.inline(arranged(same, changed))).tags
    assert "h4" in tags
    assert "blockquote" in tags
