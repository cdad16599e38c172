"""Significance: what an editor would read first stands first, and says what it is made of."""

import itertools
from dataclasses import replace

import pytest

from store.compare import compare
from store.compare.report import comparison_as_dict
from store.compare.significance import significance, weigh, weights
from store.model import ChangeKind, FactChange
from store.text import document_from_text

EN = (
    "The northern ferry ran aground near Holm on Tuesday with 140 passengers on board.",
    "At least 12 people were injured, the harbour office said.",
    "Mayor Alma Verduin said the pier was inspected in March.",
    "The captain was not told about the storm, according to the coast guard.",
    "“We had no warning at all,” said Renske Dahl, who was on deck.",
    "The line was opened in 1987 and carries half a million people a year.",
    "A tug from the mainland is expected on Thursday.",
    "The council will discuss the matter in its meeting next week.",
)
DE = (
    "Die Fähre lief am Dienstag vor Holm mit 140 Passagieren an Bord auf Grund.",
    "Mindestens 12 Menschen wurden verletzt, sagte die Polizei.",
    "Der Kapitän wurde nicht vor dem Sturm gewarnt, wie die Küstenwache mitteilte.",
    "Die Linie wurde 1987 eröffnet und befördert jedes Jahr viele Menschen.",
)
FR = (
    "Le ferry s'est échoué mardi devant Holm avec 140 passagers à bord.",
    "Au moins 12 personnes ont été blessées, selon la police.",
    "La ligne a été ouverte en 1987 et transporte beaucoup de monde.",
)
ES = (
    "El ferry encalló el martes frente a Holm con 140 pasajeros a bordo.",
    "Al menos 12 personas resultaron heridas, dijo la policía.",
    "La línea se abrió en 1987 y transporta a mucha gente cada año.",
)
NO = (
    "Ferja gikk på grunn ved Holm tirsdag med 140 passasjerer om bord.",
    "Minst 12 personer ble skadet, sier politiet.",
    "Linja ble åpnet i 1987 og frakter mange mennesker hvert år.",
)


def article(language, texts, **frame):
    return replace(document_from_text("\n\n".join(texts)), language=language, **frame)


def weight(language, old, new, before=None, after=None):
    """The weight of the only change, or of the weightiest where a note came with it."""
    comparison = compare(
        article(language, old, **(before or {})), article(language, new, **(after or {}))
    )
    told = [c for c in comparison.changes if c.note is None] or comparison.changes
    return max(change.significance for change in told)


def swapped(texts, old, new):
    assert any(old in text for text in texts)
    return tuple(text.replace(old, new) for text in texts)


def edit(old, new, language="en", texts=EN):
    return weight(language, texts, swapped(texts, old, new))


def noted(old, new, note, language="en", texts=EN):
    return weight(language, texts, (*swapped(texts, old, new), note))


def added(text, language="en", texts=EN):
    return weight(language, texts, (*texts, text))


def frame(name, old, new):
    return weight("en", EN, EN, {name: old}, {name: new})


CORRECTED = "Correction: An earlier version gave the number of injured as 12; it is 11."
WEIGHED = {
    "casualties": lambda: edit("12 people", "14 people"),
    "casualties declared": lambda: noted("12 people", "11 people", CORRECTED),
    "correction": lambda: added(CORRECTED),
    "retraction": lambda: added("Retraction: This article has been withdrawn."),
    "clarification": lambda: added("Clarification: The pier belongs to the town of Holm."),
    "update": lambda: added("Update: All passengers are safely on land now, police said."),
    "number": lambda: edit("140 passengers", "410 passengers"),
    "date, late": lambda: edit("on Thursday", "on Friday"),
    "year, late": lambda: edit("1987", "1978"),
    "negation": lambda: edit("was not told", "was told"),
    "name": lambda: edit("Alma Verduin", "Tomas Brandl"),
    "name spelled anew": lambda: edit("Alma Verduin", "Alma Verduyn"),
    "typo": lambda: edit("expected", "expcted"),
    "moved": lambda: weight("en", EN, (*EN[:2], EN[5], *EN[2:5], *EN[6:])),
    "headline turned round": lambda: frame(
        "headline", "Captain was warned of storm", "Captain was not warned of storm"
    ),
    "headline number": lambda: frame("headline", "Crash hurts 12 people", "Crash hurts 14 people"),
    "headline reworded": lambda: frame(
        "headline", "Ferry runs aground near Holm", "Passengers saved from stranded ship"
    ),
    "headline tag": lambda: frame("headline", "Ferry aground", "LIVE: Ferry aground"),
    "headline typo": lambda: frame("headline", "Ferry runs agruond", "Ferry runs aground"),
    "byline": lambda: frame("byline", "Alma Verduin", "Renske Holm"),
    "standfirst": lambda: frame("standfirst", "What we know.", "All about the accident."),
    "added": lambda: added("The harbour stays open for smaller boats."),
    "Verletzte": lambda: edit("12 Menschen", "14 Menschen", "de", DE),
    "Passagiere": lambda: edit("140 Passagieren", "410 Passagieren", "de", DE),
    "Nachtrag": lambda: added("Update: Alle Passagiere sind in Sicherheit.", "de", DE),
    "Tippfehler": lambda: edit("eröffnet", "eröfnet", "de", DE),
    "nicht": lambda: edit("nicht vor dem Sturm", "vor dem Sturm", "de", DE),
    "blessés": lambda: edit("12 personnes", "14 personnes", "fr", FR),
    "faute": lambda: edit("transporte", "tranporte", "fr", FR),
    "heridos": lambda: edit("12 personas", "14 personas", "es", ES),
    "errata": lambda: edit("transporta", "trasporta", "es", ES),
    "skadde": lambda: edit("12 personer", "14 personer", "no", NO),
    "skrivefeil": lambda: edit("frakter", "frakte", "no", NO),
}
RANKED = [
    ("casualties", "typo"),
    ("casualties", "number"),
    ("casualties", "casualties declared"),
    ("retraction", "correction"),
    ("correction", "casualties"),
    ("correction", "clarification"),
    ("clarification", "update"),
    ("number", "update"),
    ("date, late", "update"),
    ("year, late", "added"),
    ("number", "moved"),
    ("negation", "headline reworded"),
    ("name", "name spelled anew"),
    ("name spelled anew", "typo"),
    ("headline turned round", "byline"),
    ("headline number", "headline reworded"),
    ("headline reworded", "byline"),
    ("headline reworded", "standfirst"),
    ("byline", "headline tag"),
    ("added", "headline typo"),
    ("added", "moved"),
    ("update", "added"),
    ("Verletzte", "Passagiere"),
    ("Passagiere", "Nachtrag"),
    ("Nachtrag", "Tippfehler"),
    ("nicht", "Nachtrag"),
    ("blessés", "faute"),
    ("heridos", "errata"),
    ("skadde", "skrivefeil"),
]


@pytest.mark.parametrize(("first", "second"), RANKED)
def test_what_matters_more_stands_first(first, second):
    assert WEIGHED[first]() > WEIGHED[second]()


def test_the_parts_of_every_change_add_up_to_its_significance():
    note = "Correction: The number of passengers was 410."
    old = article("en", EN, headline="Ferry aground", byline="Alma Verduin")
    new = article(
        "en",
        (*swapped(swapped(EN, "12 people", "14 people"), "140", "410"), note),
        headline="LIVE: Ferry aground",
        byline="Renske Holm",
    )
    comparison = compare(old, new)
    report = comparison_as_dict(comparison, old, new)
    assert len(comparison.changes) == 5
    for change, told in zip(comparison.changes, report["changes"], strict=True):
        assert change.parts
        assert change.significance == pytest.approx(sum(p.points for p in change.parts), abs=0.006)
        assert [part["points"] for part in told["parts"]] == [p.points for p in change.parts]
        assert all(part["meaning"] for part in told["parts"])


def test_a_reader_can_see_why_a_count_of_injured_weighs_what_it_does():
    old, new = article("en", EN), article("en", swapped(EN, "12 people", "14 people"))
    (change,) = compare(old, new).changes
    assert [(part.name, part.points) for part in change.parts] == [
        ("casualty_count", 0.72),
        ("edited", 0.0252),
        ("silent", 0.1),
    ]
    assert change.parts[0].meaning == (
        "people killed, hurt, missing, arrested, in the first two sentences"
    )


def test_no_weight_and_no_sum_of_parts_leaves_the_scale():
    facts = tuple(FactChange(name, "a", "b") for name in weights()["facts"])
    for kind, place in itertools.product(ChangeKind, weights()["places"]):
        parts = weigh(kind, facts, place, silent=True, narrative=True)
        assert 0 <= significance(parts) <= 1
        assert sum(part.points for part in parts) <= 1.001
