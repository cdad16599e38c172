"""Alignment: what became of every sentence, and the laws that must hold for any text."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from store.compare import compare, prepare_sentences
from store.compare.align import align
from store.compare.chain import heaviest_chain, longest_increasing
from store.compare.pairs import aligned_pairs
from store.model import LinkKind

STORY = [
    "The northern ferry ran aground near Holm on Tuesday morning.",
    "Nobody on board was hurt, the harbour office said.",
    "The ship had left Verduin an hour earlier with 140 passengers.",
    "Divers will inspect the hull when the storm has passed.",
    "A second ferry takes the passengers to the mainland.",
    "The line was opened in 1987 and carries half a million people a year.",
]
WORDS = ["ferry", "harbour", "storm", "twelve", "left", "the", "of", "office", "hull", "said", "no"]
texts = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join), max_size=14
)


def kinds(old, new):
    return [
        (pair.old, pair.new, pair.kind)
        for pair in compare(prepare_sentences(old), prepare_sentences(new)).alignment
        if pair.kind is not LinkKind.SAME
    ]


def test_an_edited_sentence_is_linked_to_what_it_became():
    new = [*STORY[:2], STORY[2].replace("140", "152"), *STORY[3:]]
    assert kinds(STORY, new) == [((2,), (2,), LinkKind.EDITED)]


def test_an_added_and_a_removed_sentence_stay_without_partner():
    new = [*STORY[:3], "Fishermen saw smoke above the bay at dawn.", *STORY[4:]]
    assert sorted(kinds(STORY, new)) == [
        ((), (3,), LinkKind.ADDED),
        ((3,), (), LinkKind.REMOVED),
    ]


def test_the_shorter_text_is_the_one_that_moved():
    new = [STORY[5], *STORY[:5]]
    assert kinds(STORY, new) == [((5,), (0,), LinkKind.MOVED)]


def test_a_sentence_that_moved_and_was_edited_says_both():
    new = [STORY[5].replace("1987", "1978"), *STORY[:5]]
    assert kinds(STORY, new) == [((5,), (0,), LinkKind.MOVED_EDITED)]


def test_a_split_and_a_merged_sentence_keep_all_their_pieces():
    whole = "The ship had left Verduin an hour earlier, and divers will inspect its hull tomorrow."
    pieces = [
        "The ship had left Verduin an hour earlier.",
        "Divers will inspect its hull tomorrow.",
    ]
    assert kinds([STORY[0], whole, STORY[4]], [STORY[0], *pieces, STORY[4]]) == [
        ((1,), (1, 2), LinkKind.SPLIT)
    ]
    assert kinds([STORY[0], *pieces, STORY[4]], [STORY[0], whole, STORY[4]]) == [
        ((1, 2), (1,), LinkKind.MERGED)
    ]


def test_unspaced_scripts_are_aligned_too():
    old = ["市長は火曜日に辞任した。", "後任はまだ決まっていない。", "議会は来週開かれる。"]
    new = ["市長は水曜日に辞任した。", "議会は来週開かれる。"]
    assert ((0,), (0,), LinkKind.EDITED) in kinds(old, new)
    assert ((1,), (), LinkKind.REMOVED) in kinds(old, new)


@given(texts)
def test_a_version_compared_with_itself_is_the_identity(sentences):
    links = align(sentences, list(sentences))
    assert set(links.pairs) == {(i, i) for i in range(len(sentences))}


@given(texts, texts)
@settings(max_examples=300, deadline=None)
def test_every_sentence_stands_in_exactly_one_pair(old, new):
    pairs = aligned_pairs(align(old, new), old, new)
    assert sorted(i for pair in pairs for i in pair.old) == list(range(len(old)))
    assert sorted(j for pair in pairs for j in pair.new) == list(range(len(new)))


edits = st.tuples(
    st.integers(0, len(STORY) - 1), st.sampled_from(["drop", "edit", "move", "add", "none"])
)


def edited(steps):
    new = list(STORY)
    for place, step in steps:
        at = min(place, len(new) - 1)
        if step == "drop" and len(new) > 2:
            del new[at]
        elif step == "edit":
            new[at] = new[at].replace("the ", "this ", 1)
        elif step == "move":
            new.insert(0, new.pop(at))
        elif step == "add":
            new.insert(
                at, f"Witness number {place} spoke of a loud noise behind the old lighthouse."
            )
    return new


@given(st.lists(edits, max_size=4))
@settings(max_examples=200, deadline=None)
def test_swapping_the_sides_mirrors_the_links(steps):
    new = edited(steps)
    there, back = align(STORY, new).pairs, align(new, STORY).pairs
    assert {(j, i) for i, j in back} == set(there)


@given(st.lists(edits, max_size=3))
@settings(max_examples=200, deadline=None)
def test_another_article_behind_it_changes_no_link(steps):
    new = edited(steps)
    other = ["Tax receipts fell by a tenth in spring.", "Economists blame the mild winter."]
    newer = ["Tax receipts fell by a fifth in spring.", "Economists blame the mild winter."]
    alone = set(align(STORY, new).pairs)
    together = set(align([*STORY, *other], [*new, *newer]).pairs)
    assert {pair for pair in together if pair[0] < len(STORY)} == alone


@given(st.permutations(range(9)))
def test_the_set_of_moves_is_minimal(order):
    best = longest_increasing(order)
    chain = heaviest_chain([(i, j, 1.0) for i, j in enumerate(order)])
    assert len(best) == len(chain) == _longest_by_search(order)
    assert [order[at] for at in best] == sorted(order[at] for at in best)


def _longest_by_search(order):
    lengths = []
    for place, value in enumerate(order):
        before = [lengths[i] for i in range(place) if order[i] < value]
        lengths.append(1 + max(before, default=0))
    return max(lengths)


def test_a_search_that_was_cut_short_says_so():
    old = [f"storm harbour {n} alpha{n % 7} beta{n % 11} gamma{n % 13} hull" for n in range(9_000)]
    new = [f"{n} gamma{n % 13} alpha{n % 7} left beta{n % 11} ferry" for n in range(9_000)]
    links = align(old, new)
    pairs = aligned_pairs(links, old, new)
    assert sum(len(pair.old) for pair in pairs) == len(old)
    assert links.capped is None or "candidate pairs" in links.capped


def test_a_sentence_nobody_cut_is_compared_by_its_beginning_and_that_is_said():
    huge = "storm " * 60_000
    comparison = compare(prepare_sentences([huge]), prepare_sentences([huge + "and hull"]))
    assert [pair.kind for pair in comparison.alignment] == [LinkKind.EDITED]
    assert "beginnings" in (comparison.capped or "")


def test_growth_stays_near_linear():
    def cost(size):
        old = [f"{STORY[n % 6]} Entry {n} of the harbour log." for n in range(size)]
        new = [s.replace("hour", "day") if n % 4 == 0 else s for n, s in enumerate(old)]
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            align(old, new)
            best = min(best, time.process_time() - start)
        return best

    assert cost(1200) < 40 * cost(150)  # 8 times the size; quadratic would be 64
