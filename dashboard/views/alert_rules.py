"""The rules of alerts on their page: which hold, what they would have caught, one of your own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import streamlit as st
from pydantic import ValidationError

from dashboard import alerting, data, frame, ranked
from dashboard.alerting import Standing
from dashboard.markup import Html, element
from dashboard.rehearsal import Caught
from dashboard.wording import counted, kind_of_alert, listed, percent
from store.alerts import DEFAULT_RULES, KINDS, rule_of
from store.config import RuleConfig, words_of
from store.errors import StorylapseError
from store.model import Rule

DAYS = 7
"""What "would have caught" looks back on where nobody chose otherwise."""
_MOST_CAUGHT = 100
_NEW = "a new rule"
_SAID = "alert_act"
_AS_CHANNEL = "As its channel has it"
_DIGESTS = {
    None: _AS_CHANNEL,
    0: "At once",
    15: "Each 15 minutes",
    60: "Each hour",
    1440: "Each day",
}
_NO_HOURS = "none"


def say(said: str, role: str = "status") -> None:
    """Have the page say at its top what an act came to."""
    st.session_state[_SAID] = (said, role)


def told_of_act() -> None:
    """What the last act came to, once."""
    said, role = st.session_state.pop(_SAID, ("", "status"))
    if said:
        frame.show(element("p", said, css="sl-banner", attributes={"role": role}))


# --------------------------------------------------------------------------
# The rules that hold


def rules() -> None:
    """Draw the rules that hold, with what each would have caught, and what was dropped."""
    held, dropped = alerting.standing()
    found = alerting.counts(tuple(one.rule for one in held), DAYS)
    frame.show(element("h2", "Rules", element("small", counted(len(held), "rule"))))
    for one in held:
        _rule(one, found[one.rule.name])
    for name in dropped:
        with st.container(horizontal=True, vertical_alignment="center"):
            frame.show(element("p", element("b", name), ": switched off here.", css="sl-muted"))
            _button("Switch on", "reset", name, _reset)


def _rule(one: Standing, found: int) -> None:
    rule = one.rule
    times = f"It would have caught {counted(found, 'change')} in {counted(DAYS, 'day')}"
    to = f"goes to {listed(list(rule.channels))}" if rule.channels else "is listed here only"
    frame.show(
        element("p", element("b", f"{rule.name}: "), in_words(rule)),
        element("p", f"{times}; {to}; {one.origin}.", css="sl-muted"),
    )
    with st.container(horizontal=True):
        _button("Change it", "change", rule.name, _load)
        _button("Switch off" if one.is_written else "Remove", "drop", rule.name, _drop)
        if one.is_set and one.is_written:
            _button("As in the configuration", "reset", rule.name, _reset)


def _button(label: str, act: str, name: str, done: Callable[[str], None]) -> None:
    st.button(label, key=f"{act}_{name}", on_click=done, args=(name,), help=f"The rule “{name}”")


def in_words(rule: Rule) -> str:
    """A rule in one sentence. Pure."""
    kinds = [kind_of_alert(kind).word.lower() for kind in rule.kinds]
    parts = [f"tells of {listed(kinds)}" if kinds else "tells of every change"]
    if rule.least_significance:
        parts.append(f"of significance {percent(rule.least_significance)} and more")
    if rule.outlets:
        parts.append(f"at {listed(list(rule.outlets))}")
    if rule.sources:
        parts.append(f"offered by {listed(list(rule.sources))}")
    if rule.stories:
        parts.append(f"in the story {' or '.join(rule.stories)}")
    if rule.words:
        parts.append(f"where {' or '.join(rule.words)} stands in the change")
    if rule.pattern:
        parts.append(f"where the change fits the pattern “{rule.pattern}”")
    return ", ".join([*parts, *_pace_in_words(rule)]) + "."


def _pace_in_words(rule: Rule) -> Iterator[str]:
    if rule.digest_minutes is not None:
        yield _digest(rule.digest_minutes).lower()
    if rule.hold_minutes is not None:
        yield f"a burst held for {counted(rule.hold_minutes, 'minute')}"
    if rule.quiet is not None or rule.time_zone is not None:
        hours = _NO_HOURS if rule.quiet == "" else rule.quiet or "its channel's"
        yield f"quiet hours: {hours}" + (f" in {rule.time_zone}" if rule.time_zone else "")
    if rule.most_per_hour is not None:
        most = counted(rule.most_per_hour, "message")
        yield f"at most {most} an hour" if rule.most_per_hour else "any number of messages an hour"


def _digest(minutes: int | None) -> str:
    return _DIGESTS.get(minutes) or f"Each {counted(minutes or 0, 'minute')}"


# --------------------------------------------------------------------------
# One rule: tried on history, and kept


def form(shown: Callable[[list[Caught]], Html]) -> None:
    """Draw a rule's form with what the rule would have told; ``shown`` draws that."""
    under = "what it would have told of the days behind us; keep it when it fits"
    frame.show(element("h2", "Try a rule", element("small", under)))
    days = _fields()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name", key="try_name", max_chars=80, placeholder=_NEW, width=260)
        st.button("Keep this rule", on_click=_keep, type="primary", key="try_keep")
    try:
        wanted = _wanted()
        rule = rule_of(wanted, _channel_names())
    except (StorylapseError, ValidationError) as problem:
        frame.show(element("p", _plain(problem), attributes={"role": "alert"}, css="sl-banner"))
        return
    caught = alerting.caught((rule,), days)
    said = f"It would have told {counted(len(caught), 'time')} in {counted(days, 'day')}."
    frame.show(element("p", f"A rule like this {in_words(rule)}", css="sl-sub"))
    frame.show(element("p", element("b", said), attributes={"role": "status"}))
    frame.show(shown(caught[:_MOST_CAUGHT]))


def _fields() -> int:
    """Draw the fields; return how many days to look back."""
    default = DEFAULT_RULES[0].kinds
    st.session_state.setdefault("try_kinds", list(default))
    with st.container(horizontal=True):
        st.multiselect(
            "Tells of",
            list(KINDS),
            format_func=_named,
            key="try_kinds",
            placeholder="Everything",
            width=420,
        )
        _choice("At", "try_outlets", ranked.outlets_in_queue(), "Any outlet")
        st.number_input("Of significance", 0.0, 1.0, step=0.1, key="try_least", width=130)
        st.text_input("With one of these words", key="try_words", max_chars=200, width=220)
        st.text_input("Fitting this pattern", key="try_pattern", max_chars=200, width=220)
    with st.container(horizontal=True):
        _choice("Offered by", "try_sources", alerting.sources(), "Any source")
        if known := alerting.stories():
            _choice("In the story", "try_stories", known, "Any story")
        if names := _channel_names():
            _choice("Goes to", "try_channels", names, "Every channel")
    with st.container(horizontal=True):
        _pace_fields()
        return int(
            st.selectbox("In the last", [1, DAYS, 30], index=1, format_func=_days, width=130)
        )


def _pace_fields() -> None:
    chosen = st.session_state.setdefault("try_digest", None)
    times = list(dict.fromkeys([*_DIGESTS, chosen]))
    st.selectbox("Told", times, format_func=_digest, key="try_digest", width=200)
    for label, key in (("Holding a burst, minutes", "try_hold"), ("At most, an hour", "try_most")):
        st.number_input(
            label, 0, 1440, value=None, step=1, key=key, placeholder=_AS_CHANNEL, width=190
        )
    hours = f"As 22:00-07:00, or “{_NO_HOURS}”."
    st.text_input("Quiet hours", key="try_quiet", help=hours, placeholder=_AS_CHANNEL, width=190)
    st.text_input("Their time zone", key="try_zone", placeholder=_AS_CHANNEL, width=190)


def _choice(label: str, key: str, known: list[str], nothing: str) -> None:
    """A choice of several; what a rule asks for and is not there (any more) can be chosen too."""
    chosen = st.session_state.setdefault(key, [])
    options = list(dict.fromkeys([*known, *chosen]))
    st.multiselect(label, options, key=key, placeholder=nothing, width=240)


def _named(kind: str) -> str:
    return kind_of_alert(kind).word


def _days(number: int) -> str:
    return counted(number, "day")


def _channel_names() -> list[str]:
    return [channel.name for channel in data.settings().alerts.channels]


def _wanted() -> RuleConfig:
    """The rule that the fields say. Raises ValidationError."""
    given = st.session_state
    return RuleConfig(
        name=given.get("try_name", "").strip() or "this rule",
        kinds=tuple(given["try_kinds"]),
        least_significance=given["try_least"],
        outlets=tuple(given["try_outlets"]),
        words=tuple(given["try_words"].split()),
        pattern=given["try_pattern"] or None,
        sources=tuple(given["try_sources"]),
        stories=tuple(given.get("try_stories", ())),
        channels=tuple(given.get("try_channels", ())),
        digest_minutes=given["try_digest"],
        hold_minutes=given["try_hold"],
        most_per_hour=given["try_most"],
        quiet=_written_hours(given["try_quiet"].strip()),
        time_zone=given["try_zone"].strip() or None,
    )


def _written_hours(said: str) -> str | None:
    return "" if said == _NO_HOURS else said or None


def _plain(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        return f"This rule cannot be used: {words_of(problem.errors()[0])}."
    return str(problem)


# --------------------------------------------------------------------------
# Acts


def _load(name: str) -> None:
    """Put a rule's values into the form."""
    held, _ = alerting.standing()
    rule = next((one.rule for one in held if one.rule.name == name), None)
    if rule is None:
        return
    every = set(rule.channels) == set(_channel_names())
    st.session_state.update(
        try_name=rule.name,
        try_kinds=list(rule.kinds),
        try_least=rule.least_significance,
        try_outlets=list(rule.outlets),
        try_words=" ".join(rule.words),
        try_pattern=rule.pattern or "",
        try_sources=list(rule.sources),
        try_stories=list(rule.stories),
        try_channels=[] if every else list(rule.channels),
        try_digest=rule.digest_minutes,
        try_hold=rule.hold_minutes,
        try_most=rule.most_per_hour,
        try_quiet=_NO_HOURS if rule.quiet == "" else rule.quiet or "",
        try_zone=rule.time_zone or "",
    )
    say(f"“{name}” is in the form under “Try a rule”; change it there and keep it.")


def _keep() -> None:
    if not st.session_state.get("try_name", "").strip():
        say("Give the rule a name first.", role="alert")
        return
    _done(lambda: alerting.keep(_wanted()), "The rule holds from the next check on.")


def _drop(name: str) -> None:
    _done(lambda: alerting.drop(name), f"“{name}” holds no longer.")


def _reset(name: str) -> None:
    _done(lambda: alerting.reset(name), f"“{name}” is what the configuration has.")


def _done(act: Callable[[], None], said: str) -> None:
    try:
        act()
    except (StorylapseError, ValidationError) as problem:
        say(_plain(problem), role="alert")
        return
    say(said)
