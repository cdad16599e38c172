"""What of the queue to show: choices that live in the address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import frame, ranked
from dashboard.ranked import Filters

_KINDS = {
    "all": "All",
    "corrections": "Corrections",
    "silent": "Changed without a note",
    "headlines": "Headlines",
    "updates": "Updates",
    "removed": "Removed",
    "edits": "Other edits",
}
_PERIODS = {
    "day": ("Last 24 hours", timedelta(days=1)),
    "week": ("Last 7 days", timedelta(days=7)),
    "month": ("Last 30 days", timedelta(days=30)),
    "any": ("Any time", None),
}
_PERIOD = "week"
_ANY_OUTLET = "Any outlet"
_ANY = "any"
_MARKED = {
    _ANY: "Marked or not",
    ranked.UNMARKED: "Not marked yet",
    "right": "Marked right",
    "wrong": "Marked wrong",
    "important": "Marked important",
}


def asked() -> Filters:
    """All choices but the kind, which shows how many there are of each under the others."""
    with st.container(horizontal=True, gap="small"):
        return Filters(None, _outlet(), _period(), mark=_mark(), words=_words())


def _words() -> str | None:
    wanted = st.text_input(
        "Words in the change",
        value=st.query_params.get("words", ""),
        key="words",
        type="search",
        max_chars=100,
        placeholder="Words in the change",
        on_change=lambda: frame.keep("words"),
        label_visibility="collapsed",
        width=230,
    )
    return wanted or None


def chosen_kind(found: dict[str, int]) -> str | None:
    """The kind of change to show, each with how many there are now."""
    kinds = list(_KINDS)
    numbers = {"all": sum(found.values())} | found
    group = st.pills(
        "Kind of change",
        kinds,
        default=frame.chosen("kind", kinds) or "all",
        required=True,
        format_func=lambda name: f"{_KINDS[name]} {numbers.get(name, 0)}",
        key="kind",
        on_change=lambda: frame.keep("kind", "all"),
        label_visibility="collapsed",
    )
    return None if group == "all" else group


def _outlet() -> str | None:
    outlets = [_ANY_OUTLET, *ranked.outlets_in_queue()]
    given = frame.chosen("outlet", outlets)
    outlet = st.selectbox(
        "Outlet",
        outlets,
        index=outlets.index(given) if given else 0,
        key="outlet",
        on_change=lambda: frame.keep("outlet", _ANY_OUTLET),
        label_visibility="collapsed",
        width=200,
    )
    return None if outlet == _ANY_OUTLET else outlet


def _period() -> datetime | None:
    periods = list(_PERIODS)
    given = frame.chosen("period", periods) or _PERIOD
    period = st.selectbox(
        "Period",
        periods,
        index=periods.index(given),
        format_func=lambda name: _PERIODS[name][0],
        key="period",
        on_change=lambda: frame.keep("period", _PERIOD),
        label_visibility="collapsed",
        width=150,
    )
    span = _PERIODS[period][1]
    return minute() - span if span else None


def _mark() -> str | None:
    """What people said of it."""
    given = frame.chosen("mark", list(_MARKED)) or _ANY
    mark = st.selectbox(
        "Mark",
        list(_MARKED),
        index=list(_MARKED).index(given),
        format_func=_MARKED.__getitem__,
        key="mark",
        on_change=lambda: frame.keep("mark", _ANY),
        label_visibility="collapsed",
        width=170,
    )
    return None if mark == _ANY else mark


def minute() -> datetime:
    """Now, cut to the minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0)
