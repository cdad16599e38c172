"""Exports: choose, look at what comes, take it away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import streamlit as st

from dashboard import data, frame, ranked
from dashboard.exporting import formats
from dashboard.markup import element
from dashboard.wording import plain
from store.export import Export, Selection
from store.labels import KINDS

_PERIODS = {"Any time": None, "Last 24 hours": 1, "Last 7 days": 7, "Last 30 days": 30}
_PREVIEW_BYTES = 2500
_BY_COMMAND = ("duckdb",)  # as large as the archive: too much for a page to hold
_READABLE = ("text/csv", "application/x-ndjson")


def page() -> None:
    """Draw the page."""
    frame.heading("Exports", "Change histories as files that other programs can read.")
    export = _format()
    selection = _selection()
    moment = datetime.now(UTC)
    st.download_button(
        f"Download {export.suffix}",
        data=lambda: b"".join(data.exported(export, selection)),
        file_name=f"storylapse-changes-{moment:%Y%m%dT%H%MZ}{export.suffix}",
        mime=export.media_type,
        on_click="ignore",
    )
    _preview(export, selection)


def _format() -> Export:
    offered = {
        one.name: one
        for one in formats(data.settings().dashboard.link_base).values()
        if isinstance(one, Export) and one.name not in _BY_COMMAND
    }
    name = st.radio(
        "Format",
        list(offered),
        format_func=lambda key: f"{key.upper()}: {offered[key].meaning}",
        key="format",
    )
    return offered[name]


def _selection() -> Selection:
    with st.container(horizontal=True):
        outlets = st.multiselect("Outlets", ranked.outlets_in_queue(), placeholder="Any", width=320)
        kinds = st.multiselect("Kinds", KINDS, format_func=plain, placeholder="Any", width=320)
        period = st.selectbox("First seen in", list(_PERIODS), width=180)
    held = st.checkbox("With what was held back as noise")
    full = st.checkbox("With full texts (else short spans and digests)")
    days = _PERIODS[period]
    since = _today() - timedelta(days=days) if days else None
    return Selection(
        outlets=tuple(outlets), kinds=tuple(kinds), since=since, held=held, full_text=full
    )


def _today() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _preview(export: Export, selection: Selection) -> None:
    if not export.media_type.startswith(_READABLE):
        return
    frame.show(element("h2", "What comes", element("small", "the beginning of the file")))
    head = b""
    for piece in islice(data.exported(export, selection), 50):
        head += piece
        if len(head) > _PREVIEW_BYTES:
            break
    text = head[:_PREVIEW_BYTES].decode("utf-8", "ignore")
    if not text.strip():
        frame.show(element("p", "No change meets this choice yet.", css="sl-empty"))
        return
    st.code(text, language=None, wrap_lines=True)
