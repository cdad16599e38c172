"""What is watched: sources and articles, how each does, and how to add or stop one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from dashboard import acting, addresses, counts, data, frame, outlook
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, scrolled
from dashboard.silence import silence
from dashboard.wording import Clock, counted, moment, plain
from store.address import AddressError
from store.errors import StorylapseError
from store.model import SourceKind

_KINDS = {
    "auto": "Tell it from the address",
    "article": "An article",
    "feed": "A feed (RSS, Atom, JSON)",
    "sitemap": "A sitemap",
    "page": "A section page that links to articles",
}


def page() -> None:
    """Draw the page."""
    frame.heading("Watching", "What Storylapse looks at, and how to add to it.")
    _add()
    _add_file()
    _told()
    _sources()
    _articles()
    _hosts()


def _add() -> None:
    with st.form("add", clear_on_submit=True, border=False), st.container(horizontal=True):
        st.text_input(
            "Address to watch",
            key="new_address",
            placeholder="https://… of an article, a feed, a sitemap or a section page",
            label_visibility="collapsed",
            max_chars=2083,
            width=480,
        )
        st.selectbox(
            "What it is",
            list(_KINDS),
            format_func=_KINDS.__getitem__,
            key="new_kind",
            label_visibility="collapsed",
            width=260,
        )
        st.form_submit_button("Watch it", on_click=_watch)


def _watch() -> None:
    given = st.session_state["new_address"].strip()
    try:
        what, address = _watched(given, addresses.What(st.session_state["new_kind"]))
    except (AddressError, StorylapseError) as problem:
        st.session_state["told"] = (False, str(problem))
        return
    said = f"Watching the {what} {address}. Its first look comes within the minute."
    st.session_state["told"] = (True, said)


def _watched(given: str, kind: addresses.What) -> tuple[addresses.What, str]:
    address, what = addresses.settled(given, kind)
    acting.watch(address, None if what is addresses.What.ARTICLE else SourceKind(what))
    return what, address


def _add_file() -> None:
    with st.expander("Many feeds at once, from an OPML file"), st.form("file", border=False):
        st.file_uploader(
            "OPML file of a feed reader", type="opml", key="new_file", max_upload_size=5
        )
        st.form_submit_button("Watch its feeds", on_click=_watch_file)


def _watch_file() -> None:
    file = st.session_state["new_file"]
    if file is None:
        st.session_state["told"] = (False, "No file was chosen. Choose one ending in .opml first.")
        return
    try:
        feeds = [_watched(feed, what)[1] for feed, what in _feeds_of(file.getvalue())]
    except (AddressError, StorylapseError) as problem:
        st.session_state["told"] = (False, str(problem))
        return
    said = f"Watching {counted(len(feeds), 'feed')}. Their first looks come within the minute."
    st.session_state["told"] = (True, said)


def _feeds_of(written: bytes) -> list[tuple[str, addresses.What]]:
    """The feeds of an OPML file, read as the command line reads one."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "feeds.opml"
        place.write_bytes(written)
        return list(addresses.handed_over([str(place)], addresses.What.FEED))


def _told() -> None:
    """What the last act came to, once."""
    good, said = st.session_state.pop("told", (True, ""))
    if said:
        role = "status" if good else "alert"
        frame.show(element("p", said, css="sl-banner", attributes={"role": role}))


def _did(said: str, act: Callable[[], Sequence[str] | None]) -> None:
    """Do it, and say what it came to, with what the act itself has to say."""
    try:
        said = " ".join((said, *(act() or ())))
    except StorylapseError as problem:
        st.session_state["told"] = (False, str(problem))
    else:
        st.session_state["told"] = (True, said)


# --------------------------------------------------------------------------
# Sources


@frame.live
def _sources() -> None:
    rows = counts.sources()
    kept = [row for row in rows if row["watching"] or row["paused"]]
    gone = [row for row in rows if row not in kept]
    frame.show(element("h2", "Sources", element("small", counted(len(kept), "source"))))
    if not kept:
        frame.show(
            element("p", "No feed or section page yet: single articles only.", css="sl-muted")
        )
    polls = outlook.known().polls()
    for row in kept:
        _source(row, polls.get(row["source_id"]))
    if gone:
        with st.expander(f"No longer watched: {counted(len(gone), 'source')}"):
            for row in gone:
                _source(row, None)


def _source(row: Row, due: datetime | None) -> None:
    """One source with what can be done about it."""
    name, address = row["source"], row["address"]
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        frame.show(source_line(row, due, frame.clock()))
        with st.container(horizontal=True, width="content", gap="small"):
            if row["watching"]:
                said = f"{address} rests, with its articles, until you resume it."
                _button("Pause", f"pause_{name}", said, partial(acting.pause, row["source_id"]))
            else:
                said = f"Watching {address} again, with the articles that rested with it."
                _button("Resume", f"resume_{name}", said, partial(acting.resume, row["source_id"]))
            if row["watching"] or row["paused"]:
                said = f"No longer watching {address}. Its history is kept."
                _button("Remove", f"stop_{name}", said, partial(acting.unwatch, address))


def _button(label: str, key: str, said: str, act: Callable[[], None]) -> None:
    st.button(label, key=key, type="tertiary", on_click=_did, args=(said, act))


def source_line(row: Row, due: datetime | None, clock: Clock) -> Html:
    """One source in two lines: what it is, and how it does; ``due`` is its next look. Pure."""
    kind = "practice newsroom" if row["kind"] == "newsroom" else plain(row["kind"]).lower()
    title = element("b", f"{plain(kind)} ")
    parts: list[str] = [f"{counted(row['articles'], 'article')} from it"]
    silent = silence(row, clock.now) if row["watching"] else None
    if row["paused"]:
        parts.append("paused: it rests, with its articles, until you resume it")
    elif not row["watching"]:
        parts.append("no longer watched")
    elif row["last_poll_at"] is None:
        parts.append("not looked at yet")
    else:
        parts.append(join(["last look ", moment(clock, row["last_poll_at"], seconds=True)]))
        parts.append(row["last_reason"].rstrip("."))
    if row["watching"] and due:
        parts.append(join(["next look ", moment(clock, max(due, clock.now), seconds=True)]))
    lines = [
        element("div", title, foreign("bdi", row["address"]), css="sl-address"),
        element("div", join(parts, " · "), css="sl-muted"),
    ]
    if silent is not None:
        why, said = silent
        lines.insert(1, element("div", element("b", f"▲ {why.value}. "), said, css="sl-silent"))
    return element("div", *lines)


# --------------------------------------------------------------------------
# Articles


def _articles() -> None:
    rows = [row for row in counts.articles() if row["watching"]]
    watched = counts.pulse()["watching"]
    frame.show(element("h2", "Articles", element("small", f"{watched:,} watched")))
    if not rows:
        return
    due = outlook.known().looks([row["article_id"] for row in rows])
    table = [_columns(row, due.get(row["article_id"]), frame.clock()) for row in rows]
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="watched_articles",
        alt="The watched articles: headline, outlet, last and next look, checks, versions, address",
    )
    chosen = [rows[index] for index in event.selection.rows if index < len(rows)]
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Stop watching {counted(len(chosen), 'article')}" if chosen else "Stop watching"
        st.button(label, disabled=not chosen, on_click=_stop_all, args=(chosen,))
        with st.popover("Forget for good", disabled=len(chosen) != 1):
            _forget(chosen)
    if not chosen:
        most = f" Of all, the {len(rows):,} that changed last stand here."
        said = "Choose rows at their left edge; one at a time can be forgotten."
        st.caption(said + (most if len(rows) < watched else ""))


def _forget(chosen: list[Row]) -> None:
    """Ask before what cannot be undone."""
    if len(chosen) != 1:
        return
    (row,) = chosen
    st.text(
        f"“{row['headline'] or row['address']}”: {counted(row['versions'], 'version')}, "
        f"{counted(row['checks'], 'check')}. All texts, responses, findings, alerts and marks go, "
        "and cannot come back; exports and backups that left before still hold them."
    )
    said = (
        f"Forgotten: {row['address']}. Only its number is kept, so that no source brings it back."
    )
    sure = st.checkbox("I am sure", key=f"sure_{row['article']}")
    st.button(
        "Forget it",
        disabled=not sure,
        on_click=_did,
        args=(said, partial(acting.forget, row["article_id"])),
    )


def _columns(row: Row, due: datetime | None, clock: Clock) -> Row:
    last = row["last_check_at"]
    return {
        "Headline": row["headline"] or "",
        "Outlet": row["outlet"],
        "Last look": f"{clock.at(last)}, {row['last_outcome']}" if last else "not yet",
        "Next look": clock.at(max(due, clock.now)) if due else "",
        "Checks": row["checks"],
        "Versions": row["versions"],
        "Why": row["last_reason"] or "",
        "Address": row["address"],
    }


def _stop_all(chosen: list[Row]) -> None:
    def stop() -> None:
        for row in chosen:
            acting.unwatch(row["address"])

    _did(f"No longer watching {counted(len(chosen), 'article')}. Their history is kept.", stop)


# --------------------------------------------------------------------------
# Manners


def _hosts() -> None:
    """How much was asked of each host: whoever is looked at should not feel it."""
    rows = counts.hosts()
    if not rows:
        return
    pause = data.settings().crawl.seconds_between_requests
    most = f"at most one look every {pause:g} seconds at each"
    budgets = {row["host"]: outlook.known().budget_of(row["host"]) for row in rows}
    frame.show(
        element("h2", "Hosts in the last day", element("small", most)),
        scrolled(host_table(rows, budgets, frame.clock()), "Hosts"),
    )


def host_table(rows: list[Row], budgets: Mapping[str, float | None], clock: Clock) -> Html:
    """What each host was asked, of what it gets a day, and how it answered. Pure."""
    names = (
        "Host",
        "Articles",
        "Asked today, of its budget",
        "In the last hour",
        "Failed",
        "The last answer",
    )
    head = element("tr", *(element("th", name, attributes={"scope": "col"}) for name in names))
    body = (_host(row, budgets[row["host"]], clock) for row in rows)
    return element("table", element("thead", head), element("tbody", *body), css="sl-table")


def _host(row: Row, budget: float | None, clock: Clock) -> Html:
    used = f"{row['looks']:,}" + (f" of {budget:,.0f}" if budget else "")
    said = [row["last_reason"]]
    if row["paused_until"] and row["paused_until"] > clock.now:
        rests = element("b", "Left in peace until ", moment(clock, row["paused_until"]), ": ")
        said = [rests, row["pause_reason"]]
    elif row["delay_seconds"]:
        said.append(f" It asks for {row['delay_seconds']:g} seconds between requests.")
    cells = [f"{row['articles']:,}", used, f"{row['last_hour']:,}", f"{row['failures']:,}"]
    return element(
        "tr",
        element("td", row["host"]),
        *(element("td", cell) for cell in cells),
        element("td", *said),
    )
