"""Two pictures of an article's life: when it changed, and what of its text survived."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import data, flow, frame, lineage, timeline
from dashboard.data import Row
from dashboard.wording import article_address, kind_in_queue, kind_of_change
from store.model import Document

_MOST_COLUMNS = 200  # versions in the history flow; the newest are shown


def when(found: Row, versions: list[Row]) -> None:
    """When it changed, and when somebody looked in vain."""
    checks = data.checks(found["article_id"])
    events = data.events(found["article_id"])
    frame.show(
        frame.section(
            "When it changed", "dots: versions, by size of change; ticks: checks that found nothing"
        ),
        timeline.timeline(
            partial(article_address, found["article"]), versions, events, checks, frame.clock()
        ),
    )


def what_survived(found: Row, versions: list[Row]) -> None:
    """The history flow, by version or by time, with its table."""
    shown = versions[-_MOST_COLUMNS:]
    if len(shown) < 2:
        return
    frame.show(
        frame.section(
            "What survived",
            "a band is a sentence; darker is newer; press between two versions to compare",
        )
    )
    by_time = st.segmented_control(
        "Spacing of versions",
        ["version", "time"],
        default=frame.chosen("spacing", ["version", "time"]) or "version",
        required=True,
        format_func=lambda name: f"By {name}",
        key="spacing",
        on_change=lambda: frame.keep("spacing", "version"),
        label_visibility="collapsed",
    )
    columns = data.history(found["article_id"], tuple(row["version"] for row in shown))
    stages = [flow.Stage(row["version"], row["seen_first_at"], _said(row)) for row in shown]
    figure = flow.history_flow(
        found["article"],
        columns,
        stages,
        frame.clock(),
        by_time=by_time == "time",
        names=_names(columns, data.document(found["article_id"], shown[-1]["version"])),
    )
    frame.show(figure)
    with st.expander("The same as a table"):
        st.dataframe(flow.twin(columns, stages), hide_index=True, alt=flow.in_words(columns))


def _names(columns: list[lineage.Column], document: Document) -> dict[int, str]:
    """Labels for lines of the last version: the headline, its notes, and what it brought."""
    last, newest = columns[-1], len(columns)
    fresh = [index for index, strand in enumerate(last) if strand.origin == newest]
    names = {index: f"new in version {newest}" for index in fresh[:1] if newest > 1}
    for note in document.notes:
        line = next((i for i, strand in enumerate(last) if strand.block == note.block), None)
        if line is not None:
            names[line] = kind_of_change(note.kind).word.lower()
    return names | {0: "headline"}


def _said(row: Row) -> str:
    if row["kind"] is None:
        return "first seen"
    return kind_in_queue(row["kind"], event=False, declared=bool(row["declared"])).word
