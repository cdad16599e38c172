"""Template noise: what unrelated articles of an outlet change alike is furniture."""

from dataclasses import replace

from store.compare import compare
from store.model import ChangeKind
from store.templates import is_template, repeatable, without
from store.text import document_from_text

FERRY = (
    "The northern ferry ran aground near Holm on Tuesday with many passengers on board.\n\n"
    "Harbour officials blamed the shallow channel and a faulty sounding instrument.\n\n"
    "Tugboats pulled the vessel free before midnight, watched by hundreds of islanders."
)
SCHOOL = (
    "Teachers in Lindmoor start a strike over class sizes and unpaid overtime this Monday.\n\n"
    "Parents received letters asking them to keep younger children at home until Thursday.\n\n"
    "Ministers offered fresh talks but refused another salary increase before summer."
)
MARKET = (
    "Wheat prices climbed sharply after drought warnings from southern growers yesterday.\n\n"
    "Traders expect exports to shrink while bakeries already announce dearer bread.\n\n"
    "Analysts doubt whether reserves will suffice until autumn deliveries arrive."
)
FOOTER = "Support independent reporting: become a member of our readers' club today."


def document(text):
    return replace(document_from_text(text, "https://herald.example/1"), language="en")


def footed(text):
    return document(f"{text}\n\n{FOOTER}")


def added(text):
    (change,) = compare(document(text), footed(text)).changes
    return change


def test_a_line_under_three_unrelated_articles_is_furniture():
    assert is_template(added(FERRY), map(footed, (FERRY, SCHOOL, MARKET)))


def test_a_line_under_two_articles_is_not_known_to_be_furniture():
    assert not is_template(added(FERRY), map(footed, (FERRY, SCHOOL)))


def test_copies_of_one_story_count_as_one_article():
    copies = [footed(FERRY), footed(FERRY.replace("Holm", "Holmen")), footed(FERRY), footed(SCHOOL)]
    assert not is_template(added(FERRY), copies)


def test_an_article_too_short_to_be_told_apart_does_not_count():
    assert not is_template(added(FERRY), map(footed, (FERRY, SCHOOL, "Rain. More rain.")))


def test_the_same_words_have_one_digest_whatever_their_typography():
    (plain,) = repeatable([added(FERRY)]).values()
    curly = compare(document(SCHOOL), document(f"{SCHOOL}\n\n{FOOTER.replace(chr(39), '’')}"))
    assert list(repeatable(curly.changes).values()) == [plain]


def test_notes_their_corrections_the_frame_and_changed_facts_are_never_furniture():
    note = "Correction: Wheat prices rose by 3 percent, not 5."
    old = replace(document(f"{MARKET}\n\nPrices rose by 5 percent."), headline="Bread gets dearer")
    new = replace(
        document(f"{MARKET}\n\nPrices rose by 3 percent.\n\n{note}"), headline="Wheat gets dearer"
    )
    changes = compare(old, new).changes
    assert {change.kind for change in changes} == {
        ChangeKind.HEADLINE,
        ChangeKind.CORRECTION,
        ChangeKind.EDITED,
    }
    assert repeatable(changes) == {}


def test_what_is_left_is_told_and_words_the_comparison():
    text = f"{FERRY}\n\nAt least 12 people were injured."
    new = f"{FERRY}\n\nAt least 11 people were injured.\n\n{FOOTER}"
    comparison = compare(document(text), document(new))
    noise = frozenset(repeatable(comparison.changes))
    told = without(comparison, noise)
    assert [change.kind for change in told.changes] == [ChangeKind.EDITED]
    assert told.reason == "The number of injured went from 12 to 11; changed without a note."
    assert told.significance == told.changes[0].significance


def test_a_comparison_of_nothing_but_furniture_keeps_its_changes_and_says_why():
    comparison = compare(document(FERRY), footed(FERRY))
    told = without(comparison, frozenset({0}))
    assert told.changes == comparison.changes
    assert told.reason.startswith("The same text changed in other, unrelated articles")
    assert without(comparison, frozenset()) is comparison
