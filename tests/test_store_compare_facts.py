"""Facts: typed changes of value, and rephrasings that change none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.compare.facts import changed_facts
from store.compare.lexicon import lexicon_of
from store.compare.values import parse_number, values_of

CHANGED = [
    ("en", "The crash left 12 people injured.", "The crash left 11 people injured.",
     [("casualty_count", "12", "11")]),
    ("en", "At least four people were killed and 30 wounded.",
     "At least seven people were killed and 34 wounded.",
     [("casualty_count", "four", "seven"), ("casualty_count", "30", "34")]),
    ("en", "Profits rose 7.2% to $2.1m.", "Profits rose 7.4% to $2.1bn.",
     [("percent", "7.2%", "7.4%"), ("money", "$2.1m", "$2.1bn")]),
    ("en", "The council has 21 members.", "The council has 23 members.",
     [("number", "21", "23")]),
    ("en", "He was not told about the plan.", "He was told about the plan.",
     [("negation", "was not told", "was told")]),
    ("en", "Jon Okeke, 34, was arrested on 3 May.", "Jon Okeke, 36, was arrested on 4 May.",
     [("age", "34", "36"), ("date", "3 May", "4 May")]),
    ("en", "The 34-year-old driver was held.", "The 43-year-old driver was held.",
     [("age", "34", "43")]),
    ("en", "The man hit his brother.", "The man allegedly hit his brother.",
     [("hedge", None, "allegedly")]),
    ("en", "Police said the road was shut.", "Witnesses said the road was shut.",
     [("attribution", "Police", "Witnesses")]),
    ("en", "The road is shut, police say.", "The road is shut, campaigners say.",
     [("attribution", "police", "campaigners")]),
    ("en", '"We will never give up," Mr Brown said.', '"We will not give in now," Mr Brown said.',
     [("quote", "We will never give up", "We will not give in now")]),
    ("en", "The meeting starts at 5 p.m. in Oslo.", "The meeting starts at 6 p.m. in Bergen.",
     [("time", "5 p.m.", "6 p.m."), ("name", "Oslo", "Bergen")]),
    ("en", "Verduin won 3-1 on Sunday.", "Verduin won 3-2 on Sunday.", [("score", "3-1", "3-2")]),
    ("en", "The bridge is 12 km long.", "The bridge is 15 km long.",
     [("quantity", "12 km", "15 km")]),
    ("en", "She met Dr Katherine Roe.", "She met Dr Catherine Roe.",
     [("name_spelling", "Katherine Roe", "Catherine Roe")]),
    ("en", "The trial was moved to February.", "The trial was moved to August.",
     [("date", "February", "August")]),
    ("en", "The murderer was found in Leeds.", "The suspect was found in Leeds.",
     [("allegation", "murderer", "suspect")]),
    ("de", "Dabei wurden 12 Menschen verletzt.", "Dabei wurden 14 Menschen verletzt.",
     [("casualty_count", "12", "14")]),
    ("de", "Die Stadt zahlt 3,5 Millionen Euro.", "Die Stadt zahlt 5,3 Millionen Euro.",
     [("money", "3,5 Millionen Euro", "5,3 Millionen Euro")]),
    ("fr", "Il y a eu trois blessés lundi.", "Il y a eu cinq blessés lundi.",
     [("casualty_count", "trois", "cinq")]),
    ("es", "La reunión será el martes.", "La reunión será el jueves.",
     [("date", "martes", "jueves")]),
    ("no", "Ferja tar 140 passasjerer.", "Ferja tar 410 passasjerer.", [("number", "140", "410")]),
]  # fmt: skip

UNCHANGED = [
    ("More than 12 people were hurt in the crash.", "Over 12 people were injured in the crash."),
    ("Twelve people were hurt.", "12 people were hurt."),
    ("The council did not comment.", "The council didn't comment."),
    ("Prices rose 5% in May.", "Prices rose 5 percent in May."),
    ("He spoke on 3 May.", "He spoke on May 3, 2021."),
    ("Jon Okeke left the party.", "Okeke left the party."),
    ("The United Nations met.", "The UN met."),
    ("Officials in Oslo said so.", "Authorities in Oslo said so."),
    ('"We tried," he said. "It was late and dark."', '"We tried. It was late and dark," he said.'),
    ("The storm hit the coast at dawn.", "At dawn the storm hit the coast."),
    ("The comittee met.", "The committee met."),
]


@pytest.mark.parametrize(("language", "old", "new", "facts"), CHANGED)
def test_a_changed_fact_is_typed_and_paired(language, old, new, facts):
    found = [(fact.type, fact.old, fact.new) for fact in changed_facts(old, new, language)]
    assert found == facts


@pytest.mark.parametrize(("old", "new"), UNCHANGED)
def test_a_rephrasing_changes_no_fact(old, new):
    assert [f for f in changed_facts(old, new, "en") if f.type != "attribution"] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234.5", 1234.5), ("1.234,5", 1234.5), ("12 500", 12500), ("3,5", 3.5), ("1.234", 1234)],
)
def test_separators_of_either_habit_are_read(text, value):
    assert parse_number(text) == value


def test_years_are_dates_and_case_numbers_are_not_casualties():
    words = lexicon_of("en")
    assert [f.type for f in values_of("In 2019 the firm grew.", words)] == ["date"]
    assert [f.type for f in values_of("It reviewed 150 cases where people died.", words)] == [
        "number"
    ]


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_facts(old, new):
    changed_facts(old, new, None)


@given(st.text(alphabet='aB1.,:;-’“" %$', max_size=120), st.sampled_from(["en", "de", "fr"]))
@settings(max_examples=300, deadline=None)
def test_a_text_against_itself_changes_no_fact(text, language):
    assert changed_facts(text, text, language) == ()
