"""Exports: choose, look at what comes, take it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

import streamlit as st

from dashboard import data, frame, ranked
from dashboard.exporting import formats
from dashboard.markup import element
from dashboard.wording import counted, plain
from store.export import Export, Selection
from store.labels import KINDS

_PERIODS = {"Any time": None, "Last 24 hours": 1, "Last 7 days": 7, "Last 30 days": 30}
_PREVIEW_BYTES = 2500
_AT_ONCE = 5_000
"""Changes of which a file is written while the browser waits: some seconds."""
_STEP_BYTES = 500_000
_BY_COMMAND = ("duckdb",)  # as large as the archive: too much for a page to hold
_READABLE = ("text/csv", "application/x-ndjson")


def page() -> None:
    """Draw the page."""
    frame.heading("Exports", "Change histories as files that other programs can read.")
    export = _format()
    selection = _selection()
    changes = data.chosen(selection, _AT_ONCE)
    few = changes <= _AT_ONCE
    said = counted(changes, "change") if few else f"More than {_AT_ONCE:,} changes"
    frame.show(element("p", f"{said} in this choice.", css="sl-sub"))
    if few:
        _offer(export, lambda: b"".join(data.exported(export, selection)))
    else:
        _prepare(export, selection)
    _preview(export, selection)


def _offer(export: Export, content: Callable[[], bytes]) -> None:
    moment = datetime.now(UTC)
    st.download_button(
        f"Download {export.suffix}",
        data=content,
        file_name=f"storylapse-changes-{moment:%Y%m%dT%H%MZ}{export.suffix}",
        mime=export.media_type,
        on_click="ignore",
    )


def _prepare(export: Export, selection: Selection) -> None:
    """A file that takes its time is written first, and says how far it is; then it is offered."""
    wanted, key = (export.name, selection), "prepared"
    if st.session_state.get(key, (None,))[0] != wanted:
        st.session_state.pop(key, None)
        asked = st.button(f"Write the {export.suffix} file")
        if not asked:
            frame.show(element("p", "It takes a while; the page says how far it is.", css="sl-sub"))
            return
        st.session_state[key] = (wanted, _written(export, selection))
    file = st.session_state[key][1]

    def content() -> bytes:
        file.seek(0)
        return bytes(file.read())

    _offer(export, content)


def _written(export: Export, selection: Selection) -> IO[bytes]:
    """The file, in a place of its own that goes when the reader does."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 (lives as long as the reader's session)
    with st.status("Writing …") as status:
        file.writelines(_told(data.exported(export, selection), status.update))
        status.update(label=f"Written: {file.tell() / 1e6:,.1f} MB", state="complete")
    return file


def _told(pieces: Iterable[bytes], say: Callable[..., object]) -> Iterator[bytes]:
    """The pieces as they come; every so often it is said how much there is."""
    done = told = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        if done - told > _STEP_BYTES:
            told = done
            say(label=f"Writing … {done / 1e6:,.1f} MB so far")


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
