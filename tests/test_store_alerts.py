"""Rules and the alerts they raise."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.alerts import (
    DEFAULT_RULES,
    FACT_FAMILIES,
    KINDS,
    Found,
    Match,
    matches,
    raise_alerts,
    rules_from_config,
)
from store.config import AlertsConfig, ChannelConfig, RuleConfig
from store.errors import ConfigError
from store.model import (
    Change,
    ChangeKind,
    EventKind,
    FactChange,
    Note,
    NoteChange,
    NoteKind,
    NoteStatus,
    Place,
    Rule,
    Span,
)

BEFORE = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
AFTER = datetime(2026, 11, 22, 14, 19, tzinfo=UTC)
RAISED = datetime(2026, 11, 22, 14, 19, 5, tzinfo=UTC)
NOTE = Note(
    NoteKind.CORRECTION,
    "Correction: an earlier version gave the wrong number of ferries.",
    Place.END,
    "en",
    "en/correction-label",
)
CORRECTION = Change(
    ChangeKind.CORRECTION,
    None,
    NOTE.text,
    0.9,
    "The outlet added a correction at the foot.",
    (Span("added", NOTE.text),),
    note=0,
)
NUMBER = Change(
    ChangeKind.EDITED,
    "The port has 12 ferries.",
    "The port has 14 ferries.",
    0.7,
    "A number changed from 12 to 14.",
    (
        Span("same", "The port has "),
        Span("removed", "12"),
        Span("added", "14"),
        Span("same", " ferries."),
    ),
    (FactChange("number", "12", "14"),),
)
FOUND = Found(
    article_id=0xBEEF,
    address="https://news.harbour.test/ferries",
    outlet="The Harbour Gazette",
    headline="Port counts its ferries",
    old_version=3,
    new_version=4,
    checked_before_at=BEFORE,
    seen_first_at=AFTER,
    changes=(NUMBER, CORRECTION),
    notes=(NoteChange(NOTE, NoteStatus.ADDED),),
)
REMOVED = replace(
    FOUND,
    old_version=4,
    changes=(),
    notes=(),
    event=EventKind.REMOVED,
    reason="The article was not there at 2 looks in a row (the server answered 404); "
    "the last text is kept.",
    significance=0.85,
)


def raised(*rules: Rule, found: Found = FOUND):
    return raise_alerts(rules, found, link_base="http://127.0.0.1:8501", raised_at=RAISED)


def test_the_default_rule_tells_of_a_new_correction():
    (alert,) = raised(*DEFAULT_RULES)
    assert alert.kind == "correction"
    assert alert.title == "[correction] The Harbour Gazette: Port counts its ferries"
    assert alert.link == "http://127.0.0.1:8501/article?article=beef&at=2026-11-22T14:19:00Z"
    assert alert.reason == (
        "The rule “corrections and removals” fired because the outlet published a new correction."
    )
    assert alert.raised_at == RAISED


def test_the_body_says_what_why_between_which_checks_and_where():
    (alert,) = raised(Rule("numbers", kinds=("number",)))
    assert alert.body == (
        "The Harbour Gazette\n"
        "Port counts its ferries\n"
        "\n"
        "A number changed from 12 to 14.\n"
        "The port has [-12-]{+14+} ferries.\n"
        "\n"
        "Between the checks of 2026-11-22 14:02 UTC and 2026-11-22 14:19 UTC.\n"
        "\n"
        "The rule “numbers” fired because a number changed.\n"
        "Compare: http://127.0.0.1:8501/article?article=beef&at=2026-11-22T14:19:00Z\n"
        "Article: https://news.harbour.test/ferries"
    )


def test_several_changes_of_one_transition_make_one_message():
    (alert,) = raised(Rule("all", kinds=()))
    assert alert.kind == "correction"
    assert "[-12-]{+14+}" in alert.body
    assert NOTE.text in alert.body


def test_a_correction_is_told_with_the_change_that_it_admits():
    changes = (replace(NUMBER, declared_by=0), CORRECTION)
    (alert,) = raised(*DEFAULT_RULES, found=replace(FOUND, changes=changes))
    assert alert.kind == "correction"
    assert alert.body.index(NOTE.text) < alert.body.index("[-12-]{+14+}")
    (alone,) = raised(*DEFAULT_RULES)
    assert "[-12-]" not in alone.body


def test_each_rule_that_is_met_makes_its_own_alert():
    alerts = raised(Rule("a"), Rule("b"), Rule("headlines", kinds=("headline",)))
    assert [alert.rule for alert in alerts] == ["a", "b"]
    assert len({alert.alert_id for alert in alerts}) == 2


def test_the_default_rule_is_silent_about_an_ordinary_edit():
    assert raised(*DEFAULT_RULES, found=replace(FOUND, changes=(NUMBER,))) == ()


def test_a_sentence_taken_out_is_not_a_removed_article():
    cut = Change(ChangeKind.REMOVED, "It rained.", None, 0.4, "A sentence was taken out.")
    assert raised(*DEFAULT_RULES, found=replace(FOUND, changes=(cut,))) == ()


def test_a_removed_article_is_told_with_its_reason_and_a_link_to_the_article():
    (alert,) = raised(*DEFAULT_RULES, found=REMOVED)
    assert alert.kind == "removed"
    assert alert.link == "http://127.0.0.1:8501/article?article=beef"
    assert REMOVED.reason in alert.body
    assert "(version" not in alert.body


def test_two_removals_of_one_version_are_two_alerts():
    again = replace(REMOVED, seen_first_at=AFTER.replace(hour=20))
    (first,), (second,) = raised(*DEFAULT_RULES, found=REMOVED), raised(*DEFAULT_RULES, found=again)
    assert first.alert_id != second.alert_id


def test_a_return_to_an_earlier_state_is_no_event_a_rule_asks_for():
    assert raised(Rule("all", kinds=()), found=replace(REMOVED, event=EventKind.RETURNED)) == ()


def test_the_id_is_the_same_for_the_same_rule_article_versions_and_kind():
    (first,) = raised(*DEFAULT_RULES)
    (later,) = raise_alerts(DEFAULT_RULES, FOUND, link_base="https://x.test", raised_at=AFTER)
    assert first.alert_id == later.alert_id
    assert len(first.alert_id) == 64
    (other,) = raised(*DEFAULT_RULES, found=replace(FOUND, new_version=5))
    assert first.alert_id != other.alert_id


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("retraction", replace(CORRECTION, kind=ChangeKind.RETRACTION)),
        ("correction", CORRECTION),
        ("clarification", replace(CORRECTION, kind=ChangeKind.CLARIFICATION)),
        ("update", replace(CORRECTION, kind=ChangeKind.UPDATE)),
        ("editors_note", replace(CORRECTION, kind=ChangeKind.EDITORS_NOTE)),
        ("note_removed", replace(CORRECTION, kind=ChangeKind.NOTE_REMOVED)),
        ("headline", replace(NUMBER, kind=ChangeKind.HEADLINE, facts=())),
        ("number", NUMBER),
        ("name", replace(NUMBER, facts=(FactChange("name_spelling", "Ann", "Anne"),))),
        ("quote", replace(NUMBER, facts=(FactChange("quote", "yes", "no"),))),
        ("any", replace(NUMBER, facts=())),
    ],
)
def test_a_rule_of_one_kind_is_met_by_that_kind_of_change(kind, change):
    (alert,) = raised(Rule("one", kinds=(kind,)), found=replace(FOUND, changes=(change,)))
    assert alert.kind == kind
    assert KINDS[kind] in alert.reason


def test_a_silent_change_of_fact_is_changed_without_note():
    silent = replace(FOUND, changes=(NUMBER,), labels=("changed_without_note",))
    rule = Rule("silent", kinds=("changed_without_note",))
    assert [alert.kind for alert in raised(rule, found=silent)] == ["changed_without_note"]
    declared = replace(silent, changes=(replace(NUMBER, declared_by=0),))
    assert raised(rule, found=declared) == ()
    assert raised(rule, found=replace(silent, labels=())) == ()


def test_an_update_that_becomes_a_correction_counts_as_a_new_correction():
    edit = replace(CORRECTION, kind=ChangeKind.NOTE_EDITED)
    was = replace(NOTE, kind=NoteKind.UPDATE)
    edited = NoteChange(NOTE, NoteStatus.EDITED, old_note=was)
    found = replace(FOUND, changes=(edit,), notes=(edited,))
    assert [alert.kind for alert in raised(*DEFAULT_RULES, found=found)] == ["correction"]
    same_kind = replace(found, notes=(replace(edited, old_note=NOTE),))
    assert raised(*DEFAULT_RULES, found=same_kind) == ()


def test_every_type_of_fact_a_kind_stands_for_is_one_the_engine_finds():
    weights = resources.files("store.compare").joinpath("weights.toml").read_text("utf-8")
    known = tomllib.loads(weights)["facts"].keys()
    assert set().union(*FACT_FAMILIES.values()) <= known


def test_words_are_sought_whole_in_what_changed_and_named_in_the_reason():
    rule = Rule("fleet", kinds=(), words=("Ferries", "14"))
    match = matches(rule, replace(FOUND, changes=(NUMBER,)))
    assert match == Match("number", (NUMBER,), "14")
    (alert,) = raised(rule, found=replace(FOUND, changes=(NUMBER,)))
    assert alert.reason.endswith("because a number changed, and “14” stands in the changed words.")


def test_a_word_inside_another_word_or_in_unchanged_text_does_not_count():
    found = replace(FOUND, changes=(CORRECTION,))
    assert matches(Rule("r", kinds=(), words=("ferry", "correct")), found) is None
    assert matches(Rule("r", kinds=(), words=("port",)), replace(FOUND, changes=(NUMBER,))) is None


def test_a_word_of_a_script_without_blanks_is_found_inside_a_run():
    spans = (Span("added", "記事を訂正しました。"),)
    change = replace(CORRECTION, redline=spans, new=spans[0].text)
    rule = Rule("r", words=("訂正",))
    assert matches(rule, replace(FOUND, changes=(change,))) is not None


def test_an_event_has_no_changed_words_so_the_headline_is_searched():
    assert matches(Rule("r", words=("ferries",)), REMOVED) is not None
    assert matches(Rule("r", words=("trains",)), REMOVED) is None


@pytest.mark.parametrize(
    ("outlet", "met"),
    [
        ("the harbour gazette", True),
        ("news.harbour.test", True),
        ("harbour.test", True),
        ("arbour.test", False),
        ("The Other Paper", False),
    ],
)
def test_an_outlet_is_named_by_its_name_or_its_host(outlet, met):
    assert (matches(Rule("r", outlets=(outlet,)), FOUND) is not None) is met


def test_what_weighs_less_than_asked_for_is_not_told():
    assert matches(Rule("r", kinds=("number",), least_significance=0.71), FOUND) is None
    assert matches(Rule("r", kinds=("number",), least_significance=0.7), FOUND) is not None
    assert matches(Rule("r", least_significance=0.9), REMOVED) is None


HOSTILE = "Ferry\r\nBcc: all@x.test\x1b[31m\u202egnp.exe\u2028<script>alert(1)</script>\ud800"


def test_a_hostile_headline_stays_one_line_of_plain_text():
    (alert,) = raised(*DEFAULT_RULES, found=replace(FOUND, headline=HOSTILE, outlet="A\nB"))
    assert alert.title == (
        "[correction] A B: Ferry Bcc: all@x.test[31mgnp.exe <script>alert(1)</script>"
    )
    assert alert.body.splitlines()[:2] == ["A B", alert.title.partition(": ")[2]]
    alert.body.encode()


@given(st.text(), st.text(), st.text())
def test_no_text_of_a_page_breaks_a_title_or_the_body(headline, outlet, text):
    change = replace(CORRECTION, new=text, redline=(Span("added", text),), reason=text)
    found = replace(FOUND, headline=headline, outlet=outlet, changes=(change,))
    (alert,) = raised(*DEFAULT_RULES, found=found)
    assert len(alert.title.splitlines()) == 1
    assert len(alert.title) <= 200
    assert alert.body.count("\nCompare: http") == 1
    alert.body.encode()


def test_without_any_rule_written_the_default_one_holds_for_every_channel():
    config = AlertsConfig(channels=(ChannelConfig(name="desk", url="json://x"),))
    (rule,) = rules_from_config(config)
    assert rule == replace(DEFAULT_RULES[0], channels=("desk",))
    assert rules_from_config(AlertsConfig()) == DEFAULT_RULES


def test_a_written_rule_replaces_the_default():
    channels = tuple(ChannelConfig(name=name, url="json://x") for name in ("desk", "mail"))
    rules = (RuleConfig(name="heads", kinds=("headline",), channels=("mail",)),)
    (rule,) = rules_from_config(AlertsConfig(rules=rules, channels=channels))
    assert (rule.name, rule.kinds, rule.channels) == ("heads", ("headline",), ("mail",))


def test_an_unknown_kind_is_refused_with_the_nearest_known_one():
    config = AlertsConfig(rules=(RuleConfig(name="r", kinds=("corection",)),))
    with pytest.raises(ConfigError, match=r"'corection'\. Did you mean 'correction'"):
        rules_from_config(config)


def test_an_unknown_channel_is_refused():
    config = AlertsConfig(rules=(RuleConfig(name="r", channels=("desk",)),))
    with pytest.raises(ConfigError, match="Unknown channel in the alert rule 'r': 'desk'"):
        rules_from_config(config)


def test_two_rules_of_one_name_are_refused():
    config = AlertsConfig(rules=(RuleConfig(name="r"), RuleConfig(name="r")))
    with pytest.raises(ConfigError, match="same name"):
        rules_from_config(config)


def test_the_documentation_lists_every_kind_with_its_meaning():
    told = (Path(__file__).parent.parent / "docs" / "alerts.md").read_text("utf-8")
    table = told.partition("| kind | fires when |")[2].partition("\n\n")[0]
    rows = [row.strip("|").split("|") for row in table.splitlines()[2:]]
    assert [(kind.strip(" `"), meaning.strip()) for kind, meaning in rows] == list(KINDS.items())


def test_the_configuration_in_the_documentation_is_a_valid_one():
    told = (Path(__file__).parent.parent / "docs" / "alerts.md").read_text("utf-8")
    blocks = [part.partition("```")[0] for part in told.split("```toml\n")[1:]]
    config = AlertsConfig(**tomllib.loads("\n".join(blocks))["alerts"])
    (rule,) = rules_from_config(config)
    assert rule.channels == ("desk",)
