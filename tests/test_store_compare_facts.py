"""Facts: typed changes of value, and rephrasings that change none."""

import time

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
    ("en", "The fair runs on May 9-10 here.", "The fair runs on May 9-11 here.",
     [("date", "May 9-10", "May 9-11")]),
    ("en", "The fair runs on 9–10 September.", "The fair runs on 18–19 August.",
     [("date", "9–10 September", "18–19 August")]),
    ("en", "The minister denies the payment.", "The minister admits the payment.",
     [("status", "denies", "admits")]),
    ("de", "Der Minister bestreitet die Zahlung.", "Der Minister gesteht die Zahlung.",
     [("status", "bestreitet", "gesteht")]),
    ("no", "Mannen er tiltalt for drapet.", "Mannen er frikjent for drapet.",
     [("status", "tiltalt", "frikjent")]),
    # values written in many ways
    ("en", "The car did 100mph there.", "The car did 130mph there.",
     [("quantity", "100mph", "130mph")]),
    ("en", "It has 2,000 square feet.", "It has 3,000 square feet.",
     [("quantity", "2,000 square feet", "3,000 square feet")]),
    ("en", "It is a 12-mile walk to it.", "It is a 15-mile walk to it.",
     [("quantity", "12-mile", "15-mile")]),
    ("en", "It sells a dozen cars a day.", "It sells two dozen cars a day.",
     [("number", "a dozen", "two dozen")]),
    ("en", "A third of voters said yes.", "Two-thirds of voters said yes.",
     [("number", "A third", "Two-thirds")]),
    ("en", "The stamp costs 40p today.", "The stamp costs 60p today.", [("money", "40p", "60p")]),
    ("en", "It hit 35°C in the city.", "It hit 38°C in the city.",
     [("quantity", "35°C", "38°C")]),
    ("en", "It opens at 5pm on Monday.", "It opens at 5am on Monday.", [("time", "5pm", "5am")]),
    ("en", "He ran 10-15% faster then.", "He ran 10-20% faster then.",
     [("percent", "15%", "20%")]),
    ("de", "Es kostet 2,1 Mrd. Euro im Jahr.", "Es kostet 2,4 Mrd. Euro im Jahr.",
     [("money", "2,1 Mrd. Euro", "2,4 Mrd. Euro")]),
    ("fr", "Il faut 2,1 milliards d’euros ici.", "Il faut 2,4 milliards d’euros ici.",
     [("money", "2,1 milliards d’euros", "2,4 milliards d’euros")]),
    ("fr", "La séance ouvre à 17 h 30 mardi.", "La séance ouvre à 18 h 30 mardi.",
     [("time", "17 h 30", "18 h 30")]),
    ("tr", "Fiyatlar yüzde 25 arttı.", "Fiyatlar yüzde 35 arttı.",
     [("percent", "yüzde 25", "yüzde 35")]),
    ("ru", "Погибли 12 человек.", "Погибли 14 человек.", [("casualty_count", "12", "14")]),
    ("zh", "事故造成12人死亡。", "事故造成14人死亡。", [("casualty_count", "12", "14")]),
    ("ko", "이 사고로 12명이 숨졌다.", "이 사고로 14명이 숨졌다.",
     [("casualty_count", "12", "14")]),
    ("ja", "修理には2億円かかる。", "修理には3億円かかる。", [("money", "2億円", "3億円")]),
    ("zh", "会议将于3月4日举行。", "会议将于3月5日举行。", [("date", "3月4日", "3月5日")]),
    # another unit, and two values that changed places
    ("en", "The race is 5 miles long.", "The race is 5 metres long.",
     [("quantity", "5 miles", "5 metres")]),
    ("en", "It cost 5 dollars in all.", "It cost 5 euros in all.",
     [("money", "5 dollars", "5 euros")]),
    ("en", "It killed 3 and injured 5 people.", "It killed 5 and injured 3 people.",
     [("casualty_count", "3", "5"), ("casualty_count", "5", "3")]),
    # names, offices, speakers, datelines
    ("en", "Judge Ida Marsh hears it today.", "Prosecutor Ida Marsh hears it today.",
     [("title", "Judge", "Prosecutor")]),
    ("en", "“We keep the road open,” said Tom Brandl.",
     "“We keep the road open,” said Irma Solberg.", [("speaker", "Tom Brandl", "Irma Solberg")]),
    ("en", "BERLIN (Herald) - The minister resigned.", "PARIS (Herald) - The minister resigned.",
     [("dateline", "BERLIN", "PARIS")]),
    ("de", "Der Kanzler sprach in Berlin davon.", "Der Kanzler sprach in Paris davon.",
     [("name", "Berlin", "Paris")]),
    ("de", "Herr Müller sprach im Ort davon.", "Herr Schmidt sprach im Ort davon.",
     [("name", "Müller", "Schmidt")]),
    ("en", "Officials said the ship sank near it.",
     "A source close to them said the ship sank near it.",
     [("attribution", "Officials", "A source close to them")]),
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
    ("It cost £3.4 million.", "It cost £3,400,000."),
    ("It is 5 km to the town.", "It is 5 kilometres to the town."),
    ("It began at 6.40 p.m. on Monday.", "It began at 18:40 on Monday."),
    ("A crowd of hundreds came to it.", "A crowd of several hundred came to it."),
    ("The United States has seen two cases.", "The US has seen two cases."),
    ("Spain, America and Chile lead.", "Spain, the United States and Chile lead."),
    ("5 dogs and 7 cats were found there.", "7 cats and 5 dogs were found there."),
    ('"The road is open.', '"The road is open."'),
    ("She moved to Erie, PA, in May.", "She moved to Erie, Pennsylvania, in May."),
    ("Mr Holm, Canadian-born, won.", "Mr Holm, born in Canada, won."),
    (
        'Brace!", the pilot said, with a rough touchdown.',
        'Brace!", the pilot said, with a touchdown.',
    ),
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


def test_a_german_noun_behind_a_preposition_is_no_name():
    old, new = "Er kam in Haft und schwieg lange.", "Er kam in Freiheit und schwieg lange."
    assert changed_facts(old, new, "de") == ()


def test_values_near_what_differs_are_those_of_the_whole_text():
    words, text = lexicon_of("en"), "On 3 May some 12 people paid $5 million " * 5
    whole = values_of(text, words)
    part = values_of(text, words, 80, 160)
    assert part
    assert set(part) <= set(whole)


def test_a_hostile_run_of_capitals_is_no_name_and_costs_no_square():
    def cost(times):
        start = time.process_time()
        changed_facts("Tom Ray Ann Lee " * times, "Tom Roy Ann Lee " * times, "en")
        return time.process_time() - start

    cost(10)
    assert cost(400) < 10 * max(cost(100), 1e-3)


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
