"""What is watched: sources and articles, how each does, and how to add or stop one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from dashboard import addresses, counts, data, frame
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, scrolled
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
# What silence of a source means, by how its last look ended.
_SILENCE = {
    "read": "heard from",
    "unchanged": "heard from; nothing new",
    "moved": "its address moved",
    "gone": "its address is gone",
    "blocked": "it shut us out",
    "refused": "it does not want to be read by us",
    "unreadable": "an answer came, but no list of articles in it",
    "failed": "no usable answer came",
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
    data.watch(address, None if what is addresses.What.ARTICLE else SourceKind(what))
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


def _stop(address: str) -> None:
    try:
        data.unwatch(address)
    except StorylapseError as problem:
        st.session_state["told"] = (False, str(problem))
        return
    st.session_state["told"] = (True, f"No longer watching {address}. Its history is kept.")


# --------------------------------------------------------------------------
# Sources


@frame.live
def _sources() -> None:
    rows = counts.sources()
    frame.show(element("h2", "Sources", element("small", counted(len(rows), "source"))))
    if not rows:
        frame.show(
            element("p", "No feed or section page yet: single articles only.", css="sl-muted")
        )
    for row in rows:
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            frame.show(source_line(row, frame.clock()))
            if row["watching"]:
                st.button(
                    "Stop watching",
                    key=f"stop_{row['source']}",
                    on_click=_stop,
                    args=(row["address"],),
                    type="tertiary",
                )


def source_line(row: Row, clock: Clock) -> Html:
    """One source in two lines: what it is, and how it does. Pure."""
    kind = "practice newsroom" if row["kind"] == "newsroom" else plain(row["kind"]).lower()
    state = [f"{counted(row['articles'], 'article')} from it"]
    if not row["watching"]:
        state.append("no longer watched")
    elif row["last_poll_at"] is None:
        state.append("not looked at yet")
    else:
        heard = _SILENCE.get(row["last_outcome"], plain(row["last_outcome"]).lower())
        when = moment(clock, row["last_poll_at"], seconds=True)
        state.append(join([f"{heard}, ", when, f": {row['last_reason']}"]))
    return element(
        "div",
        element(
            "div", element("b", f"{plain(kind)} "), foreign("bdi", row["address"]), css="sl-address"
        ),
        element("div", join(state, " · "), css="sl-muted"),
    )


# --------------------------------------------------------------------------
# Articles


def _articles() -> None:
    rows = [row for row in counts.articles() if row["watching"]]
    frame.show(element("h2", "Articles", element("small", f"{len(rows)} watched")))
    if not rows:
        return
    table = [_columns(row) for row in rows]
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="watched_articles",
        alt="The watched articles: headline, outlet, checks, versions, last look, address",
    )
    chosen = [rows[index]["address"] for index in event.selection.rows if index < len(rows)]
    label = f"Stop watching {counted(len(chosen), 'article')}" if chosen else "Stop watching"
    st.button(label, disabled=not chosen, on_click=_stop_all, args=(chosen,))


def _columns(row: Row) -> Row:
    last = row["last_check_at"]
    return {
        "Headline": row["headline"] or "",
        "Outlet": row["outlet"],
        "Checks": row["checks"],
        "Versions": row["versions"],
        "Last look": row["last_outcome"] or "not yet",
        "At (UTC)": f"{last:%Y-%m-%d %H:%M:%S}" if last else "",
        "Why": row["last_reason"] or "",
        "Address": row["address"],
    }


def _stop_all(chosen: list[str]) -> None:
    for address in chosen:
        _stop(address)
    if len(chosen) > 1:
        said = f"No longer watching {counted(len(chosen), 'article')}. Their history is kept."
        st.session_state["told"] = (True, said)


# --------------------------------------------------------------------------
# Manners


def _hosts() -> None:
    """How much was asked of each host: whoever is looked at should not feel it."""
    rows = counts.hosts()
    if not rows:
        return
    pause = data.settings().crawl.seconds_between_requests
    most = f"at most one look every {pause:g} seconds at each"
    frame.show(
        element("h2", "Hosts in the last hour", element("small", most)),
        scrolled(host_table(rows), "Hosts"),
    )


def host_table(rows: list[Row]) -> Html:
    """What each host was asked, and how it answered. Pure."""
    names = ("Host", "Articles", "Looks", "Failed", "The last answer")
    head = element("tr", *(element("th", name, attributes={"scope": "col"}) for name in names))
    body = (_host(row) for row in rows)
    return element("table", element("thead", head), element("tbody", *body), css="sl-table")


def _host(row: Row) -> Html:
    numbers = (f"{row[name]:,}" for name in ("articles", "looks", "failures"))
    cells = (row["host"], *numbers, row["last_reason"])
    return element("tr", *(element("td", cell) for cell in cells))
