"""Alerts: under which rules, over which channels, what was told to whom."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from dashboard import alerting, counts, data, following, frame, redline
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, link, words
from dashboard.rehearsal import Caught
from dashboard.views import alert_rules
from dashboard.wording import (
    Clock,
    article_address,
    between,
    counted,
    kind_of_alert,
    listed,
    moment,
)
from store.errors import StorylapseError

_PAGE = 50  # alerts at once


def page() -> None:
    """Draw the page."""
    frame.heading("Alerts", "What was worth telling, and where it went.")
    alert_rules.told_of_act()
    alert_rules.rules()
    _channels()
    _live()
    alert_rules.form(_caught_rows)
    _feeds()


# --------------------------------------------------------------------------
# Channels


def _channels() -> None:
    names = [channel.name for channel in data.settings().alerts.channels]
    frame.show(element("h2", "Channels", element("small", counted(len(names), "channel"))))
    if not names:
        said = (
            "No channel is set, so alerts are listed here and sent nowhere. "
            "Add [[alerts.channels]] to storylapse.toml to be told by mail, chat or push."
        )
        frame.show(element("p", said, css="sl-muted"))
        return
    refused = {row["channel"]: row for row in alerting.refused()}
    for name in names:
        _channel(name, refused.get(name))


def _channel(name: str, refused: Row | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        frame.show(element("p", element("b", name), ": ", _refused(refused)))
        st.button("Send a trial", key=f"trial_{name}", on_click=_try_out, args=(name,))
        if refused:
            st.button("Try again now", key=f"again_{name}", on_click=_try_again, args=(name,))


def _refused(row: Row | None) -> Html:
    if row is None:
        return join(["nothing is held up."])
    parked = f", {row['parked']} of them parked after eight tries" if row["parked"] else ""
    said = f"{counted(row['alerts'], 'alert')} not delivered{parked}. {row['reason']}"
    return element("span", said, attributes={"role": "status"})


def _try_out(name: str) -> None:
    try:
        trouble = alerting.try_out(name)
    except StorylapseError as problem:
        trouble = str(problem)
    if trouble:
        alert_rules.say(f"{name}: {trouble}", role="alert")
    else:
        alert_rules.say(f"A trial went to {name}; see whether it arrived.")


def _try_again(name: str) -> None:
    try:
        again = counted(alerting.try_again(name), "alert")
    except StorylapseError as problem:
        alert_rules.say(str(problem), role="alert")
        return
    alert_rules.say(f"{again} will be tried again within seconds.")


# --------------------------------------------------------------------------
# What rules would have told


def _caught_rows(caught: list[Caught]) -> Html:
    rows = (caught_row(one, frame.clock()) for one in caught)
    return element("ol", *rows, css="sl-changes")


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


# --------------------------------------------------------------------------
# Feeds


def _feeds() -> None:
    """The feeds that have no list of their own in the dashboard, beside the one of everything."""
    config = data.settings()
    named = [
        ("Everything", "all", ""),
        ("Corrections", "kind", "correction"),
        ("Removed articles", "kind", "removed"),
        *((f"Story: {story.name}", "story", story.name) for story in config.stories),
        *((f"Search: {search.name}", "search", search.name) for search in config.searches),
    ]
    under = "the same news for feed readers, which ask by themselves"
    frame.show(
        element("h2", "Feeds", element("small", under)),
        element("ul", *(_feed(said, scope, name) for said, scope, name in named)),
    )


def _feed(said: str, scope: str, name: str) -> Html:
    links = following.forms(scope, name)
    return element("li", said, ": ", links or "shut, for no key is set for programs")


# --------------------------------------------------------------------------
# What was told


@frame.live
def _live() -> None:
    limit = st.session_state.get("alert_rows", _PAGE)
    rows = counts.alerts(limit + 1)
    frame.show(element("h2", "Told so far", element("small", counted(counts.raised(), "alert"))))
    if not rows:
        said = "Nothing yet. An alert shows here as soon as a change meets a rule."
        frame.show(element("p", said, css="sl-empty"))
        return
    shown = (alert_row(row, frame.clock()) for row in rows[:limit])
    frame.show(element("ol", *shown, css="sl-changes"))
    frame.more("alert_rows", limit, _PAGE, there=len(rows))


def alert_row(row: Row, clock: Clock) -> Html:
    """One alert with its deliveries. Pure."""
    kind = kind_of_alert(row["kind"])
    name = element(
        "div",
        words("sl-sign", kind.sign),
        kind.word,
        element("small", "rule ", row["rule"], ", ", moment(clock, row["raised_at"])),
        css="sl-kind",
    )
    told = element(
        "div",
        element("div", link(_target(row), foreign("bdi", _called(row["title"]))), css="sl-why"),
        element("div", row["reason"], css="sl-meta"),
        element("div", _sent(row), css="sl-meta"),
    )
    return element("li", element("span"), name, told)


def _sent(row: Row) -> str:
    if row["sent"]:
        return f"Sent to {listed(sorted(set(row['sent'])))}."
    if row["attempts"]:
        tries = counted(row["attempts"], "attempt")
        return f"Not sent after {tries}; the last one: {row['last_reason']}"
    return "Listed here; no channel has taken it."


def _called(title: str) -> str:
    """The title without the kind before it, which stands beside it."""
    return title.partition("] ")[2] or title


def _target(row: Row) -> str:
    """The deep link the alert carries, whatever name the dashboard had when it was made."""
    if row["article"] is None:
        return "/watching"
    query = urlsplit(row["link"]).query
    return f"/article?{query}" if query else article_address(row["article"])
