"""Every article, what changed last first."""

from __future__ import annotations

import streamlit as st

from dashboard import counts, frame
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, link, scrolled
from dashboard.wording import Clock, article_address, counted, moment

_PAGE = 50  # articles at once


def page() -> None:
    """Draw the list."""
    frame.heading("Articles", "Every article in the archive; what changed last stands first.")
    wanted = st.text_input(
        "Words of a headline, outlet or address",
        value=st.query_params.get("words", ""),
        key="article_words",
        type="search",
        max_chars=100,
        placeholder="Words of a headline, outlet or address",
        on_change=_kept,
        label_visibility="collapsed",
        width=360,
    )
    _live(wanted or "")


def _kept() -> None:
    st.query_params["words"] = st.session_state["article_words"]
    if not st.query_params["words"]:
        del st.query_params["words"]


@frame.live
def _live(wanted: str) -> None:
    limit = st.session_state.get("article_rows", _PAGE)
    rows = counts.articles(wanted, limit + 1)
    if not rows:
        frame.show(_nothing(wanted))
        return
    frame.show(article_table(rows[:limit], frame.clock()))
    frame.more("article_rows", limit, _PAGE, there=len(rows))


def _nothing(wanted: str) -> Html:
    if wanted:
        return element("p", "No article has these words.", css="sl-empty")
    add = link("/watching", "Add an address or a feed")
    return element("p", "No article is in the archive yet. ", add, " to begin.", css="sl-empty")


def article_table(rows: list[Row], clock: Clock) -> Html:
    """The articles as a table. Pure."""
    names = ("Article", "Versions", "Last change", "Last look")
    head = element("tr", *(element("th", name, attributes={"scope": "col"}) for name in names))
    body = (_article(row, clock) for row in rows)
    table = element(
        "table", element("thead", head), element("tbody", *body), css="sl-table sl-articles"
    )
    return scrolled(table, "Articles")


def _article(row: Row, clock: Clock) -> Html:
    title = link(article_address(row["article"]), foreign("bdi", row["headline"] or row["address"]))
    under = [foreign("bdi", row["outlet"] or row["host"])]
    if not row["watching"]:
        under.append(Html("no longer watched"))
    if row["removed"]:
        under.append(Html("✕ the page is gone"))
    changed = moment(clock, row["last_change_at"]) if row["last_change_at"] else "no change yet"
    return element(
        "tr",
        element(
            "td",
            element("div", title, css="sl-says"),
            element("div", join(under, " · "), css="sl-muted"),
        ),
        element("td", str(row["versions"])),
        element("td", changed),
        element("td", _last_look(row, clock)),
    )


def _last_look(row: Row, clock: Clock) -> Html:
    if not row["checks"]:
        return element("span", "not yet", css="sl-muted")
    said = element(
        "div", f"{row['last_outcome']}, {counted(row['checks'], 'check')}", css="sl-muted"
    )
    return element(
        "div",
        moment(clock, row["last_check_at"], seconds=True),
        said,
        attributes={"title": row["last_reason"]},
    )
