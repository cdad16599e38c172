"""Outlets: how often, how soon and how openly each corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import streamlit as st

from dashboard import calendars, charts, counts, following, frame
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, link, scrolled
from dashboard.wording import counted, lasted, percent, queue_address
from store.export.tabular import line, safe_cell

_PAGE = 30  # outlets at once


def page() -> None:
    """Draw the page."""
    frame.heading("Outlets", "How often, how soon and how openly each corrects.")
    rows = counts.outlets()
    if not rows:
        said = "No outlet yet: the first article that is read brings one."
        frame.show(element("p", said, css="sl-empty"))
        return
    limit = st.session_state.get("outlet_rows", _PAGE)
    shown = rows[:limit]
    frame.show(outlet_table(shown, [following.forms("outlet", row["outlet"]) for row in shown]))
    frame.more("outlet_rows", limit, _PAGE, there=len(rows))
    for part in (partial(_openness, rows), _survival, _corrections, _calendar, _repeated):
        frame.guarded(part, title="h2")  # one that fails leaves the others alone


def outlet_table(rows: Sequence[Row], feeds: Sequence[Html]) -> Html:
    """The table twin of everything below, with each outlet's feeds. Pure."""
    names = (
        "Outlet",
        "Articles",
        "Changed",
        "Corrections and notes",
        "Factual edits",
        "Declared",
        "Usual time to a correction",
        "Feed",
    )
    head = element("tr", *(element("th", name, attributes={"scope": "col"}) for name in names))
    body = element("tbody", *map(_outlet, rows, feeds))
    table = element("table", element("thead", head), body, css="sl-table")
    return scrolled(table, "Outlets")


def _outlet(row: Row, feeds: Html) -> Html:
    address = queue_address(outlet=row["outlet"], period="any")
    name = element("a", foreign("bdi", row["outlet"]), attributes={"href": address})
    changed = f"{row['changed']:,} ({percent(row['changed'] / row['articles'])})"
    declared = (
        f"{row['declared']:,} ({percent(row['declared'] / row['factual'])})"
        if row["factual"]
        else "—"
    )
    hours = row["hours"]
    soon = lasted(timedelta(hours=hours)) if hours is not None else "—"
    cells = (row["articles"], changed, row["corrections"], row["factual"], declared, soon)
    return element(
        "tr",
        element("td", name, css="sl-says"),
        *(element("td", f"{cell:,}" if isinstance(cell, int) else cell) for cell in cells),
        element("td", feeds),
    )


def _palette() -> charts.Palette:
    return charts.DARK if st.context.theme.type == "dark" else charts.LIGHT


def _openness(rows: list[Row]) -> None:
    said = charts.openness_in_words(rows)
    frame.show(element("h2", "How openly", element("small", said)))
    if not any(row["factual"] for row in rows):
        return
    st.altair_chart(charts.openness_chart(rows, _palette()), alt=said)
    names = ("outlet", "factual", "declared")
    _twin([{name: row[name] for name in names} for row in rows], said, "openness")


def _twin(rows: Sequence[Mapping[str, Any]], said: str, name: str) -> None:
    """The figures of a chart as a table, and as a file to take away."""
    with st.expander("The same as a table"):
        st.dataframe(rows, hide_index=True, alt=said)
        st.download_button(
            "Download as CSV",
            data=lambda: written(rows),
            file_name=f"storylapse-{name}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"take_{name}",
        )


def written(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as CSV for spreadsheets, safe against formulas. Pure."""
    lines = [line(rows[0])] if rows else []
    lines += [
        line(safe_cell("" if cell is None else cell) for cell in row.values()) for row in rows
    ]
    return b"".join(lines)


def _headed(title: str, said: str, under: str, rows: Sequence[Row]) -> bool:
    """Show a chart's heading and, where there is something to draw, how to read it; say whether."""
    frame.show(element("h2", title, element("small", said)))
    if rows:
        frame.show(element("p", under, css="sl-muted"))
    return bool(rows)


def _survival() -> None:
    rows = counts.first_changes()
    said = charts.survival_in_words(rows)
    under = "The share of articles not changed yet, by age; grey is all outlets together "
    if not _headed("How soon", said, f"{under}(Kaplan–Meier estimate).", rows):
        return
    with st.grid(min_column_width=230):
        for sentence, chart in charts.survival_charts(rows, _palette()):
            st.altair_chart(chart, alt=sentence)
    _twin(charts.survival_rows(rows), said, "survival")


def _corrections() -> None:
    rows = counts.correction_ages()
    said = calendars.ages_in_words(rows)
    under = "How old an article was when a correction or note came; a stroke marks half of them."
    if not _headed("How late corrections come", said, under, rows):
        return
    st.altair_chart(calendars.ages_chart(rows, _palette()), alt=said)
    _twin(rows, said, "correction-ages")


def _calendar() -> None:
    rows = counts.days()
    said = charts.calendar_in_words(rows)
    under = "A square a day (UTC) with how many changes; darker for weightier ones."
    if not _headed("Day by day", said, under, rows):
        return
    with st.grid(min_column_width=300):
        for sentence, chart in calendars.calendars(rows, _palette()):
            st.altair_chart(chart, alt=sentence)
    _twin(rows, said, "days")


def _repeated() -> None:
    rows = counts.repeated()
    if not rows:
        return
    under = "the same new words within 30 days: boilerplate, or one correction made everywhere"
    frame.show(
        element("h2", "In several articles at once", element("small", under)),
        element("ul", *map(_repeat, rows)),
    )
    _twin(rows, under, "repeated")


def _repeat(row: Row) -> Html:
    """One text and how many articles it came into; the queue shows them all."""
    address = queue_address(outlet=row["outlet"], words=row["words"][:60], period="any")
    where = link(
        address, f"{counted(row['articles'], 'article')} of ", foreign("bdi", row["outlet"])
    )
    return element("li", where, ": ", foreign("span", row["text"][:300], css="sl-says"))
