"""The rules in force: those that are written in the configuration, and what people set since.

An act on the dashboard names a rule: it keeps one (a new one, or another form of a written one),
drops one, or resets one to what the configuration has. The last act on a name holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import duckdb
from pydantic import ValidationError

from store.alerts import rule_of, rules_from_config
from store.config import Config, RuleConfig
from store.errors import ConfigError
from store.model import Rule
from store.rows import insert, select, to_column
from store.stories import StoriesOf
from store.telling import Telling


class Action(StrEnum):
    """What somebody did to a rule."""

    KEEP = "keep"
    DROP = "drop"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class RuleAct:
    """One act; ``rule`` is what is kept, None otherwise."""

    name: str
    action: Action
    acted_at: datetime
    rule: RuleConfig | None = None


def in_force(
    written: Iterable[Rule], acts: Iterable[RuleAct], channels: Sequence[str]
) -> tuple[Rule, ...]:
    """Return the rules that hold. Pure.

    ``acts`` are the last ones on each name. A kept rule's channels that are no longer configured
    are left out of it; where none is left its alerts are listed and sent nowhere.
    """
    rules = {rule.name: rule for rule in written}
    for act in acts:
        if act.action is Action.DROP:
            rules.pop(act.name, None)
        elif act.rule is not None:
            rules[act.name] = _kept(act.rule, channels)
    return tuple(rules.values())


def _kept(rule: RuleConfig, channels: Sequence[str]) -> Rule:
    there = tuple(name for name in rule.channels if name in channels)
    made = rule_of(rule.model_copy(update={"channels": there}), channels)
    return made if there or not rule.channels else replace(made, channels=())


def configured(config: Config, link_base: str, stories: StoriesOf) -> Telling:
    """Return what recording tells by as the configuration has it. Raises ConfigError.

    ``link_base`` is how links to the dashboard begin, without a slash at the end.
    """
    channels = tuple(channel.name for channel in config.alerts.channels)
    for name in config.alerts.owner:
        if name not in channels:
            raise ConfigError(f"[alerts] owner names the channel '{name}', which is not there.")
    for story in {name for rule in config.alerts.rules for name in rule.stories}:
        if story not in {known.name for known in config.stories}:
            raise ConfigError(f"A rule asks for the story '{story}', which no [[stories]] names.")
    return Telling(rules_from_config(config.alerts), link_base, channels, stories)


def telling(connection: duckdb.DuckDBPyConnection, asked: Telling) -> Telling:
    """Return what recording tells by, with the rules that hold at this moment."""
    if not asked.rules:
        return asked
    acts = acts_on(connection)
    return replace(asked, rules=in_force(asked.rules, acts, asked.channels)) if acts else asked


def acts_on(connection: duckdb.DuckDBPyConnection) -> list[RuleAct]:
    """Return the last act on each rule, but resets, in the order of their first acts.

    A kept rule that this program does not understand, written by a newer one, is left out.
    """
    rows = select(
        connection,
        """SELECT name, action, rule, acted_at FROM (
             SELECT *, rowid AS place, min(rowid) OVER (PARTITION BY name) AS first_place FROM rules
           ) QUALIFY row_number() OVER (PARTITION BY name ORDER BY place DESC) = 1
           ORDER BY first_place""",
    )
    acts = (_act(row) for row in rows if row["action"] != Action.RESET)
    return [act for act in acts if act is not None]


def _act(row: dict[str, Any]) -> RuleAct | None:
    try:
        rule = RuleConfig.model_validate_json(row["rule"]) if row["rule"] else None
        if rule is not None:
            rule_of(rule, rule.channels)
    except (ValidationError, ConfigError):
        return None
    return RuleAct(row["name"], Action(row["action"]), row["acted_at"], rule)


def keep(connection: duckdb.DuckDBPyConnection, act: RuleAct) -> None:
    """Append an act. Raises ConfigError for a rule that cannot be used."""
    if act.rule is not None:
        rule_of(act.rule, act.rule.channels)
    written = act.rule.model_dump_json() if act.rule is not None else None
    insert(connection, "rules", [(act.name, act.action.value, written, to_column(act.acted_at))])
