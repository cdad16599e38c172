"""One article: when it changed, what survived, and the redline of any two of its versions."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import streamlit as st

from dashboard import data, following, frame
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, link
from dashboard.views.article_evidence import evidence, readers
from dashboard.views.article_pair import Pair, asked_for
from dashboard.views.article_pictures import what_survived, when
from dashboard.views.article_redline import alone, redlined
from dashboard.wording import Clock, counted, moment


def page() -> None:
    """Draw the article the address names."""
    name = st.query_params.get("article", "")
    found = data.article(name) if name else None
    if found is None:
        _unknown(name)
        return
    versions = data.versions(found["article_id"])
    _head(found["article"], len(versions))
    if not versions:
        return
    frame.show(_ladder(versions, found["current_version"], frame.clock()))
    pair = asked_for(versions)
    last = versions[-1]["version"]
    parts = (
        partial(when, found, versions),
        partial(what_survived, found, versions),
        partial(redlined, found, versions, pair) if pair else partial(alone, found, versions[-1]),
        partial(readers, found),
        partial(evidence, found, versions, pair or Pair(last, last)),
    )
    for part in parts:  # one that fails leaves the others alone
        frame.guarded(part, title="h2")
    frame.show(following.follow("this article", "article", found["article"]))


def _unknown(name: str) -> None:
    said = f"The archive holds no article “{name}”." if name else "No article is named."
    frame.show(element("h1", said))
    frame.show(
        element(
            "p", "Choose one from ", link("/articles", "the list of articles"), ".", css="sl-empty"
        )
    )


# --------------------------------------------------------------------------
# Head


@frame.live
def _head(article: str, drawn: int) -> None:
    """What is known of it now; a new version draws the whole page anew."""
    row = data.article(article)
    if row is None:
        return
    _redraw_for(article, row["versions"], drawn)
    clock = frame.clock()
    unwatched = "no longer watched, added " if row["checks"] else "not watched, added "
    state = "watched since " if row["watching"] else unwatched
    parts = [
        foreign("bdi", row["outlet"] or ""),
        join([state, moment(clock, row["added_at"])]),
        f"{counted(row['checks'], 'check')}, {counted(row['versions'], 'version')}",
    ]
    if row["last_check_at"]:
        parts.append(join(["last look ", moment(clock, row["last_check_at"], seconds=True)]))
    headline = row["headline"] or row["address"]
    frame.show(
        element("p", join(parts, " · "), css="sl-sub"),
        foreign("h1", headline),
        element("p", foreign("bdi", row["address"]), css="sl-muted sl-address"),
        *_state(row),
    )


def _redraw_for(article: str, versions: int, drawn: int) -> None:
    """Draw the whole page anew when a version has come since; once for each."""
    told = (article, versions)
    if versions != drawn and st.session_state.get("redrawn") != told:
        st.session_state["redrawn"] = told
        data.forget_answers()
        st.rerun()


def _state(row: Row) -> list[Html]:
    if row["removed"]:
        said = f"The page is gone: {row['last_reason']} What it last said is kept below."
    elif not row["checks"] and row["versions"]:
        said = "We have not looked at it ourselves: all that is shown was captured by others."
    elif not row["checks"]:
        said = "It has not been looked at yet; the first look comes within the minute."
    elif not row["versions"]:
        said = f"No version could be read yet. The last look: {row['last_reason']}"
    elif row["last_outcome"] not in {"read", "unchanged"}:
        said = f"The last look learned nothing new: {row['last_reason']}"
    else:
        return []
    return [element("p", said, css="sl-banner")]


def _ladder(versions: list[Row], current: int | None, clock: Clock) -> Html:
    """Every headline it had, in order, with how long each stood; the one it has now stands out."""
    rungs = [
        row
        for before, row in zip([None, *versions], versions, strict=False)
        if before is None or before["headline"] != row["headline"]
    ]
    if len(rungs) < 2:
        return Html()
    now = next((row["headline"] for row in versions if row["version"] == current), None)
    parts = []
    for row, end in zip(rungs, [*rungs[1:], None], strict=True):
        css = "sl-now" if row["headline"] == now else ""
        stood = _stood(row, end, clock, still=bool(css))
        headline = foreign("dd", row["headline"] or "(no headline)", row["language"], css)
        parts += [element("dt", stood, css=css), headline]
    return element("dl", *parts, css="sl-ladder")


def _stood(row: Row, end: Row | None, clock: Clock, *, still: bool) -> Html:
    """“09:12 to 10:05”; “since 10:05” for the last one; “from 10:05” where it went back."""
    if end is None:
        return join(["since " if still else "from ", moment(clock, row["seen_first_at"])])
    short = end["seen_first_at"] - row["seen_first_at"] < timedelta(minutes=2)
    times = (moment(clock, one["seen_first_at"], seconds=short) for one in (row, end))
    return join(times, " to ")
