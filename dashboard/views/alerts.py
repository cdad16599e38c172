"""Alerts: what was told to whom, and under which rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import streamlit as st

from dashboard import counts, data, frame, ranked, redline, rehearsal
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, link, words
from dashboard.rehearsal import Caught
from dashboard.wording import (
    Clock,
    article_address,
    between,
    counted,
    kind_of_alert,
    listed,
    moment,
    percent,
)
from store.alerts import DEFAULT_RULES, KINDS, rules_from_config
from store.model import Rule

_MOST_CAUGHT = 100


def page() -> None:
    """Draw the page."""
    frame.heading("Alerts", "What was worth telling, and where it went.")
    _rules()
    _live()
    _rehearsal()


def _rules() -> None:
    config = data.settings().alerts
    rules = rules_from_config(config)
    channels = [channel.name for channel in config.channels]
    lines = [element("li", element("b", f"{rule.name}: "), in_words(rule)) for rule in rules]
    told = (
        f"Alerts go to {listed(channels)}."
        if channels
        else "No channel is set, so alerts are listed here and sent nowhere. "
        "Add [[alerts.channels]] to storylapse.toml to be told by mail, chat or push."
    )
    frame.show(
        element("h2", "Rules", element("small", counted(len(rules), "rule"))),
        element("ul", *lines),
        element("p", told, css="sl-muted"),
    )


def in_words(rule: Rule) -> str:
    """A rule in one sentence. Pure."""
    kinds = [kind_of_alert(kind).word.lower() for kind in rule.kinds]
    parts = [f"tells of {listed(kinds)}" if kinds else "tells of every change"]
    if rule.least_significance:
        parts.append(f"of significance {percent(rule.least_significance)} and more")
    if rule.outlets:
        parts.append(f"at {listed(list(rule.outlets))}")
    if rule.words:
        parts.append(f"where {' or '.join(rule.words)} stands in the change")
    return ", ".join(parts) + "."


def _rehearsal() -> None:
    """Try a rule on what was seen already, before it is written into the configuration."""
    under = "what it would have told of the days behind us"
    frame.show(element("h2", "Try a rule", element("small", under)))
    with st.container(horizontal=True):
        kinds = st.multiselect(
            "Tells of",
            list(KINDS),
            default=list(DEFAULT_RULES[0].kinds),
            format_func=_named,
            key="try_kinds",
            placeholder="Everything",
            width=420,
        )
        outlets = st.multiselect(
            "At", ranked.outlets_in_queue(), key="try_outlets", placeholder="Any outlet", width=240
        )
        least = st.number_input("Of significance", 0.0, 1.0, 0.0, 0.1, key="try_least", width=130)
        spoken = st.text_input("With one of these words", key="try_words", max_chars=200, width=220)
        days = st.selectbox("In the last", [1, 7, 30], index=1, format_func=_days, width=130)
    rule = Rule("this rule", tuple(kinds), least, tuple(outlets), tuple(spoken.split()))
    frame.show(
        element("p", f"A rule like this {in_words(rule)}", css="sl-sub"), *_caught(rule, days)
    )


def _named(kind: str) -> str:
    return kind_of_alert(kind).word


def _days(number: int) -> str:
    return counted(number, "day")


def _caught(rule: Rule, days: int) -> list[Html]:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    seen = ranked.since(minute - timedelta(days=days))
    caught = list(rehearsal.rehearse(rule, *seen))
    said = f"It would have told {counted(len(caught), 'time')} in {_days(days)}."
    rows = [caught_row(one, frame.clock()) for one in caught[:_MOST_CAUGHT]]
    status: dict[str, str | None] = {"role": "status"}
    return [
        element("p", element("b", said), attributes=status),
        element("ol", *rows, css="sl-changes"),
    ]


def caught_row(caught: Caught, clock: Clock) -> Html:
    """One alert that was not sent. Pure."""
    row, kind = caught.row, kind_of_alert(caught.kind)
    versions = (None, None) if row["event"] else (row["old_version"], row["new_version"])
    name = element("div", words("sl-sign", kind.sign), kind.word, css="sl-kind")
    told = element(
        "div",
        element("div", redline.quoting(row["reason"]), css="sl-why"),
        element(
            "div",
            foreign("bdi", row["outlet"]),
            " · ",
            link(article_address(row["article"], *versions), foreign("bdi", row["headline"] or "")),
            " · ",
            between(clock, row["checked_before_at"], row["seen_first_at"]),
            css="sl-meta",
        ),
    )
    return element("li", element("span"), name, told)


@frame.live
def _live() -> None:
    rows = counts.alerts()
    frame.show(element("h2", "Told so far", element("small", counted(len(rows), "alert"))))
    if not rows:
        said = "Nothing yet. An alert shows here as soon as a change meets a rule."
        frame.show(element("p", said, css="sl-empty"))
        return
    frame.show(element("ol", *(alert_row(row, frame.clock()) for row in rows), css="sl-changes"))


def alert_row(row: Row, clock: Clock) -> Html:
    """One alert with its deliveries. Pure."""
    kind = kind_of_alert(row["kind"])
    name = element(
        "div",
        element("span", kind.sign, css="sl-sign"),
        kind.word,
        element("small", "rule ", row["rule"], ", ", moment(clock, row["raised_at"])),
        css="sl-kind",
    )
    told = element(
        "div",
        foreign("div", row["title"], css="sl-why"),
        element("div", row["reason"], css="sl-meta"),
        element("div", join([_sent(row), _target(row)], " · "), css="sl-meta"),
    )
    return element("li", element("span"), name, told)


def _sent(row: Row) -> str:
    if row["sent"]:
        return f"sent to {listed(sorted(set(row['sent'])))}"
    if row["attempts"]:
        tries = counted(row["attempts"], "attempt")
        return f"not sent after {tries}; the last one: {row['last_reason']}"
    return "listed here; no channel has taken it"


def _target(row: Row) -> Html:
    """The deep link the alert carries, whatever name the dashboard had when it was made."""
    query = urlsplit(row["link"]).query
    address = f"/article?{query}" if query else article_address(row["article"])
    return link(address, "the article and its change")
