"""What the page of alerts reads and does: rules, channels, trials, and alerts once more."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from dashboard import data
from dashboard.data import Row
from dashboard.rehearsal import Caught, history, rehearse
from store.config import RuleConfig
from store.model import Rule
from store.outbox import TRIES
from store.rules import Action, RuleAct, configured, in_force
from store.stories import stories_of
from store.telling import Telling

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule and where it stands: as it is written (or the default), or as it was set here."""

    rule: Rule
    is_written: bool
    is_set: bool
    is_default: bool

    @property
    def origin(self) -> str:
        """Where it comes from, in a few words."""
        if self.is_set:
            return "set here, in place of the configuration's" if self.is_written else "set here"
        return "it holds by default" if self.is_default else "from the configuration"


def telling() -> Telling:
    """What recording tells by as the configuration has it. Raises ConfigError."""
    config = data.settings()
    return configured(config, "", stories_of(data.archive(), config.stories))


def stories() -> list[str]:
    """The names of the configuration's stories."""
    return [story.name for story in data.settings().stories]


def standing() -> tuple[list[Standing], list[str]]:
    """The rules that hold now, and the names of written ones that were dropped here."""
    base, acts = telling(), data.archive().acts_on_rules()
    written = {rule.name for rule in base.rules}
    kept = {act.name for act in acts if act.action is Action.KEEP}
    rules = in_force(base.rules, acts, base.channels)
    dropped = [act.name for act in acts if act.action is Action.DROP and act.name in written]
    default = not data.settings().alerts.rules
    return [
        Standing(rule, rule.name in written, rule.name in kept, default) for rule in rules
    ], dropped


def caught(rules: tuple[Rule, ...], days: int) -> list[Caught]:
    """What rules would have told of the last days, newest first; a minute old at most."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    return _caught(data.settings().archive, rules, minute - timedelta(days=days))


@st.cache_data(ttl=_MINUTE, max_entries=50, show_spinner=False)
def _caught(path: Path, rules: tuple[Rule, ...], since: datetime) -> list[Caught]:  # noqa: ARG001  (names the archive in the cache)
    return list(rehearse(rules, history(data.ask, since), telling().stories))


def counts(rules: tuple[Rule, ...], days: int) -> Counter[str]:
    """How often each rule would have told something in the last days."""
    return Counter(one.rule for one in caught(rules, days))


def sources() -> list[str]:
    """The addresses of the sources that are watched."""
    rows = data.ask("SELECT address FROM source_list WHERE watching ORDER BY address")
    return [row["address"] for row in rows]


def refused() -> list[Row]:
    """Alerts that a channel refused: channel, how many, how many are parked, the last reason."""
    return data.ask(
        """SELECT channel, count(*) AS alerts, count(*) FILTER (tries >= ?) AS parked,
                  arg_max(last_reason, last_try_at) AS reason
           FROM outbox_list WHERE NOT sent AND tries > 0 GROUP BY channel ORDER BY channel""",
        TRIES,
    )


# --------------------------------------------------------------------------
# Acts


def keep(rule: RuleConfig) -> None:
    """Let a rule hold from the next check on. Raises ConfigError for one that is no good."""
    _act(RuleAct(rule.name, Action.KEEP, datetime.now(UTC), rule))


def drop(name: str) -> None:
    """Let a rule hold no longer."""
    _act(RuleAct(name, Action.DROP, datetime.now(UTC)))


def reset(name: str) -> None:
    """Let a rule be what the configuration has."""
    _act(RuleAct(name, Action.RESET, datetime.now(UTC)))


def _act(act: RuleAct) -> None:
    data.archive().act_on_rule(act)
    data.forget_answers()


def try_again(channel: str) -> int:
    """Have what a channel refused tried again now; return how many alerts."""
    rows = data.archive().query(
        "SELECT alert_id FROM outbox_list WHERE NOT sent AND tries > 0 AND channel = ?", [channel]
    )
    alerts = [row["alert_id"] for row in rows]
    data.archive().try_again(alerts, channel=channel, acted_at=datetime.now(UTC))
    data.forget_answers()
    return len(alerts)


def try_out(name: str) -> str | None:
    """Send a sample over a channel; return None, or in one sentence why it failed.

    Raises ConfigError.
    """
    from crawler import deliver  # noqa: PLC0415  (Apprise takes 0.3 s)

    config = data.settings()
    channels = deliver.channel_addresses(config.alerts, os.environ)
    return deliver.try_out(name, channels[name], config.dashboard.link_base, datetime.now(UTC))
