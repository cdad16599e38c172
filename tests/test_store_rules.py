"""Rules that people set on the dashboard, beside those of the configuration."""

from dataclasses import replace
from datetime import timedelta

import pytest

from histories import ADDRESS, CORRECTION, LINK_BASE, START, TEXT, document, snapshot
from store.alerts import DEFAULT_RULES, matches
from store.archive import open_archive
from store.config import Config, RuleConfig
from store.errors import ConfigError
from store.model import Outcome, Rule
from store.rules import Action, RuleAct, configured, in_force
from store.telling import Telling
from test_store_alerts import FOUND

DEFAULT = DEFAULT_RULES[0]
QUIET = RuleConfig(name=DEFAULT.name, kinds=("retraction",))


def kept(rule: RuleConfig) -> RuleAct:
    return RuleAct(rule.name, Action.KEEP, START, rule)


def test_without_acts_the_written_rules_hold():
    assert in_force(DEFAULT_RULES, [], ()) == DEFAULT_RULES


def test_a_kept_rule_stands_in_for_the_written_one_of_its_name_and_a_new_one_is_added():
    more = RuleConfig(name="numbers", kinds=("number",))
    found = in_force(DEFAULT_RULES, [kept(QUIET), kept(more)], ("desk",))
    assert [(rule.name, rule.kinds) for rule in found] == [
        (DEFAULT.name, ("retraction",)),
        ("numbers", ("number",)),
    ]
    assert {rule.channels for rule in found} == {("desk",)}


def test_a_dropped_rule_does_not_hold():
    assert in_force(DEFAULT_RULES, [RuleAct(DEFAULT.name, Action.DROP, START)], ()) == ()


def test_a_channel_that_is_gone_is_left_out_and_never_becomes_every_channel():
    rule = RuleConfig(name="one", channels=("gone",))
    (found,) = in_force((), [kept(rule)], ("desk", "mail"))
    assert found.channels == ()
    both = rule.model_copy(update={"channels": ("gone", "mail")})
    assert in_force((), [kept(both)], ("desk", "mail"))[0].channels == ("mail",)


def test_a_rule_set_on_the_dashboard_holds_from_the_next_check_on(tmp_path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    archive.watch_article(ADDRESS, acted_at=START)
    telling = Telling(DEFAULT_RULES, LINK_BASE, ("desk",))
    texts = [document(*TEXT), document(*TEXT, note=CORRECTION), document(TEXT[0], note=CORRECTION)]

    def look(hour: int, seen) -> int:
        at = START + timedelta(hours=hour)
        return archive.record([snapshot(at, seen)], telling)[0].alerts

    assert look(0, texts[0]) == 0
    archive.act_on_rule(RuleAct(DEFAULT.name, Action.DROP, START))
    assert look(1, texts[1]) == 0
    archive.act_on_rule(kept(RuleConfig(name="all of it", kinds=("any",))))
    assert look(2, texts[2]) == 1
    archive.act_on_rule(RuleAct(DEFAULT.name, Action.RESET, START))
    assert [act.name for act in archive.acts_on_rules()] == ["all of it"]
    look(3, Outcome.GONE)
    assert look(4, Outcome.GONE) == 2
    rows = archive.query("SELECT rule, kind, channels FROM alert_list ORDER BY raised_at, rule")
    assert [(row["rule"], row["kind"]) for row in rows][-2:] == [
        ("all of it", "removed"),
        (DEFAULT.name, "removed"),
    ]
    assert rows[0]["channels"] == ["desk"]


def test_whoever_tells_nobody_tells_nobody_of_rules_set_here_either(tmp_path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    archive.watch_article(ADDRESS, acted_at=START)
    archive.act_on_rule(kept(RuleConfig(name="all", kinds=("any",))))
    for hour, text in enumerate((document(*TEXT), document(TEXT[0]))):
        archive.record([snapshot(START + timedelta(hours=hour), text)], Telling())
    assert archive.query("FROM alert_list") == []


@pytest.mark.parametrize(
    "rule",
    [RuleConfig(name="x", kinds=("corection",)), RuleConfig(name="x", pattern="(")],
)
def test_a_rule_that_is_no_good_is_not_kept(tmp_path, rule):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    with pytest.raises(ConfigError):
        archive.act_on_rule(kept(rule))
    assert archive.acts_on_rules() == []


def test_what_a_newer_program_kept_is_left_out(tmp_path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    archive.act_on_rule(kept(QUIET))
    with archive._sessions.writing() as connection:
        connection.execute('UPDATE rules SET rule = \'{"name": "x", "mood": 1}\'')
    assert archive.acts_on_rules() == []


def test_a_rule_that_asks_for_a_story_nobody_wrote_is_refused():
    config = Config(alerts={"rules": [{"name": "x", "stories": ["Ferries"]}]})
    with pytest.raises(ConfigError, match="story 'Ferries'"):
        configured(config, LINK_BASE, {})


def test_source_story_and_pattern_narrow_a_rule():
    rule = Rule("one")
    assert matches(rule, FOUND)
    feed = "https://harbour.example/feed"
    offered = replace(FOUND, source=feed, stories=("Ferries",))
    assert matches(replace(rule, sources=(feed,), stories=("Ferries",)), offered)
    assert not matches(replace(rule, sources=(feed,)), FOUND)
    assert not matches(replace(rule, stories=("Ferries",)), FOUND)
    assert matches(replace(rule, pattern="."), FOUND).pattern == "."
    assert not matches(replace(rule, pattern="nowhere to be found"), FOUND)
