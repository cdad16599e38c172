"""Which two versions of an article are compared, and how a reader gets to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard import frame, keys
from dashboard.data import Row

LOOKS = {"inline": "Inline", "sides": "Side by side", "blame": "Blame"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The two versions under the eye."""

    old: int
    new: int


def asked_for(versions: list[Row]) -> Pair | None:
    """The versions that the address names by number, or by the check that showed them first.

    Where it names none, the last change.
    """
    known = [row["version"] for row in versions]
    if len(known) < 2:
        return None
    asked = st.query_params
    new = _number(asked.get("new"), known) or _standing_at(asked.get("at"), versions) or known[-1]
    since = _standing_at(asked.get("since"), versions)
    if since and since != new:
        return Pair(since, new)
    before = next((row["old_version"] for row in versions if row["version"] == new), None)
    old = _number(asked.get("old"), known) or before or max(1, new - 1)
    return Pair(old, new) if old != new else Pair(known[max(0, known.index(new) - 1)], new)


def _standing_at(given: str | None, versions: list[Row]) -> int | None:
    """The version a reader saw at a moment (RFC 3339; without a zone, the reader's own)."""
    moment = _moment(given)
    if moment is None:
        return None
    seen: list[int] = [row["version"] for row in versions if row["seen_first_at"] <= moment]
    return seen[-1] if seen else int(versions[0]["version"])


def _moment(given: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(given or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=frame.clock().zone)


def _number(given: str | None, known: list[int]) -> int | None:
    return int(given) if given and given.isdigit() and int(given) in known else None


def _go(old: int, new: int) -> None:
    st.query_params["old"], st.query_params["new"] = str(old), str(new)
    for name in ("since", "at"):
        st.query_params.pop(name, None)


def tools(versions: list[Row], pair: Pair) -> str:
    """How to show them, and the way to other versions; return the chosen look."""
    known = [row["version"] for row in versions]
    here = known.index(pair.new)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        look = st.segmented_control(
            "How to show it",
            list(LOOKS),
            default=frame.chosen("view", list(LOOKS)) or "inline",
            required=True,
            format_func=LOOKS.__getitem__,
            key="view",
            on_change=lambda: frame.keep("view", "inline"),
            label_visibility="collapsed",
        )
        _step("‹ Previous", "p", known, here - 1)
        _step("Next ›", "n", known, here + 1)
        _version_box("From", "old", versions, pair)
        _version_box("to", "new", versions, pair)
        _since_i_read_it(versions)
    return str(look)


def _since_i_read_it(versions: list[Row]) -> None:
    """Compare what stood there at a moment that the reader picks with what stands there now."""
    clock = frame.clock()
    with st.popover("Since I read it"):
        st.datetime_input(
            "When you read it, by your clock",
            value=versions[-1]["seen_first_at"].astimezone(clock.zone).replace(tzinfo=None),
            key="read_at",
            on_change=_read_then,
            step=60,
        )


def _read_then() -> None:
    st.query_params["since"] = st.session_state["read_at"].isoformat(timespec="minutes")
    for name in ("old", "new", "at"):
        st.query_params.pop(name, None)


def read_at() -> datetime | None:
    """The moment since which the reader wants to know what changed, where the address names one."""
    return _moment(st.query_params.get("since"))


def _step(label: str, key: str, known: list[int], place: int) -> None:
    possible = 0 < place < len(known)
    pair = (known[place - 1], known[place]) if possible else (0, 0)
    st.button(
        label,
        key=f"step_{key}",
        shortcut=key if keys.on() else None,
        disabled=not possible,
        on_click=_go,
        args=pair,
    )


def _version_box(label: str, name: str, versions: list[Row], pair: Pair) -> None:
    value, clock = getattr(pair, name), frame.clock()
    times = {row["version"]: clock.at(row["seen_first_at"]) for row in versions}
    key = f"{name}_{pair.old}_{pair.new}"  # a new pair makes new boxes: they show what is drawn

    def changed() -> None:
        chosen = st.session_state[key]
        _go(*((chosen, pair.new) if name == "old" else (pair.old, chosen)))

    st.selectbox(
        f"{label} version",
        list(times),
        index=list(times).index(value),
        format_func=lambda number: f"{label} version {number}, {times[number]}",
        key=key,
        on_change=changed,
        label_visibility="collapsed",
        width=185,
    )
