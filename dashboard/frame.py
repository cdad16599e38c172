"""What every page stands in: look, reader's clock, side bar, and what to say in trouble."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec

import streamlit as st

from dashboard import counts, data, signin
from dashboard.markup import Html, element, join, link
from dashboard.wording import Clock, counted, moment, zone_named
from store import disk, wal
from store.errors import NoArchive, StorylapseError

_LIVE = "3s"  # how often what is on screen asks the archive again
_P = ParamSpec("_P")
_log = logging.getLogger(__name__)


def clock() -> Clock:
    """The reader's clock, read once for a page."""
    return Clock(datetime.now(UTC), zone_named(st.context.timezone))


def show(*parts: str) -> None:
    """Put our own HTML on the page, where there is any."""
    if body := join(parts):
        st.html(body)


def heading(title: str, under: str = "") -> None:
    """The page's one first-level heading, and a line under it."""
    show(element("h1", title), element("p", under, css="sl-sub") if under else Html())


def section(title: str, under: str = "") -> Html:
    """A second-level heading with a quiet word beside it."""
    return element("h2", title, element("small", under)) if under else element("h2", title)


def dress() -> None:
    """The page's title, width and style sheet."""
    st.set_page_config(
        page_title="Storylapse", page_icon=_icon(), layout="wide", initial_sidebar_state=228
    )
    st.html(f"<style>{_style()}</style>")


@cache
def _style() -> str:
    return Path(__file__).with_name("style.css").read_text("utf-8")


@cache
def _icon() -> str:
    """Three lines of text, one of them moved: as a picture the browser need not fetch."""
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        "%3Cpath d='M2 4h9M5 8h9M2 12h7' stroke='%231f4e79' stroke-width='2'/%3E%3C/svg%3E"
    )


def let_in() -> None:
    """Let in who may, before anything of the archive is shown; see ``signin``."""
    try:
        people = data.settings().dashboard.people
    except StorylapseError as problem:
        _sorry("h1", "The configuration cannot be read.", str(problem))
        st.stop()
    signin.gate(people)


def guarded(page: Callable[[], None], *, title: str = "h1") -> None:
    """Run one page or part of one; where it fails say what failed, and leave the rest alone.

    ``title`` is the element of the sentence that says so.
    """
    try:
        page()
    except NoArchive as problem:
        _sorry(title, "Nothing is kept yet.", str(problem))
    except StorylapseError as problem:
        _sorry(title, "This cannot be shown now.", str(problem))
    except Exception:  # noqa: BLE001 (whatever it is, it must not take the frame down)
        _log.exception("a page failed")
        _sorry(
            title,
            "This failed, and that is our fault.",
            "The rest works. The log of 'storylapse up' says what went wrong; reload to try again.",
        )


def live(part: Callable[_P, None]) -> Callable[_P, None]:
    """A part of a page that is drawn again every few seconds: it follows the crawl."""

    @wraps(part)
    def drawn(*given: _P.args, **named: _P.kwargs) -> None:
        guarded(lambda: part(*given, **named), title="h2")

    return st.fragment(drawn, run_every=_LIVE)


def _sorry(title: str, what: str, why: str) -> None:
    show(
        element(title, what),
        element("p", why, css="sl-empty", attributes={"role": "alert"}),
    )


def more(name: str, limit: int, page: int, *, there: int) -> None:
    """Offer the rest of a long list, a page at a time; ``there`` are ``limit`` and one if any.

    ``name`` is where the session keeps how many rows are shown.
    """
    if there > limit:
        st.button("Show more", key=f"more_{name}", on_click=_grow, args=(name, limit + page))


def _grow(name: str, limit: int) -> None:
    st.session_state[name] = limit


# --------------------------------------------------------------------------
# Choices that live in the address


def chosen(name: str, known: list[str]) -> str | None:
    """What the address says about one choice, where it is known."""
    given = st.query_params.get(name)
    return given if given in known else None


def keep(name: str, default: str | None = None) -> None:
    """Write a widget's value into the address; its default leaves the address short."""
    value = st.session_state.get(name)
    if value in (None, "", default):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)


# --------------------------------------------------------------------------
# The side bar


def open_door() -> None:
    """Say so where the dashboard can be reached from the network and nobody has to sign in."""
    if signin.at_home() or signin.configured():
        return
    show(
        element(
            "p",
            element("b", "Open to the network. "),
            "Whoever reaches this address can read everything here and change what is watched. "
            "Set up sign-in (docs/operating.md), or leave [dashboard] host at 127.0.0.1.",
            css="sl-banner sl-alarm",
            attributes={"role": "note"},
        )
    )


@live
def troubles() -> None:
    """What threatens the archive itself: a log that was set aside, a disk that is full."""
    place = data.settings().archive
    if not place.exists():
        return
    found = [f"{one} Remove the file and its .txt once you know." for one in wal.notices(place)]
    if full := disk.trouble(place):
        found.insert(0, f"{full} The crawl pauses until there is room; what is kept can be read.")
    for said in found:
        show(
            element(
                "p",
                element("b", "Look after the archive. "),
                said,
                css="sl-banner sl-alarm",
                attributes={"role": "alert"},
            )
        )


def brand() -> None:
    """The product's name, which leads home."""
    show(element("div", link("/", "Storylapse"), css="sl-brand"))


@live
def pulse() -> None:
    """What the crawl is doing, in three short lines."""
    try:
        found, sources = counts.pulse(), counts.sources()
    except StorylapseError:  # the page beside it says so
        return
    lines = [
        f"{counted(found['checks'], 'look')} in the last hour, {found['found']} found something"
    ]
    if found["last_check_at"]:
        lines.append(join(["Last look ", moment(clock(), found["last_check_at"], seconds=True)]))
    lines.append(f"Watching {counted(found['watching'], 'article')}")
    if sources:
        lines.append(_heard(sources))
    show(element("div", *(element("div", line) for line in lines), css="sl-pulse"))


def _heard(sources: list[data.Row]) -> str:
    watched = [source for source in sources if source["watching"]]
    heard = {None, "read", "unchanged"}  # None: not looked at yet
    silent = [source for source in watched if source["last_outcome"] not in heard]
    if not watched:
        return "No source is watched"
    if silent:
        return f"{len(silent)} of {counted(len(watched), 'source')} not heard from"
    return "Its source was heard from" if len(watched) == 1 else "All sources heard from"
