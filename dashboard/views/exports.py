"""Exports: choose, look at what comes, take it away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

import streamlit as st

from dashboard import data, exporting, frame, ranked
from dashboard.markup import element
from dashboard.selecting import saved, selection
from dashboard.wording import counted, plain
from store.errors import StorylapseError
from store.export import EXPORTS, Export, Folder, Selection
from store.labels import KINDS

_PERIODS = ("24h", "7d", "30d")
_NONE = "None is configured"
_PREVIEW_BYTES = 2500
_AT_ONCE = 5_000
"""Changes of which a file is written while the browser waits: some seconds."""
_MOST_BYTES = 200_000_000
"""A larger file is left to the command: the page holds what it offers in memory."""
_SLOW = ("duckdb",)  # works on a copy of the archive, however little of it is asked for
_READABLE = ("text/csv", "application/x-ndjson")

TITLES = {
    "csv": "CSV",
    "jsonl": "JSONL",
    "parquet": "Parquet",
    "duckdb": "DuckDB",
    "tasks-csv": "Task sheet, CSV",
    "tasks-xlsx": "Task sheet, Excel",
    "html": "Report",
    "datapackage": "Data package",
    "parquet-tables": "Parquet folder",
    "git": "Git",
}
"""The formats by their names, as people call them."""

Made = Export | Folder
Asked = Mapping[str, Any]


def page() -> None:
    """Draw the page."""
    frame.heading("Exports", "Change histories as files that other programs can read.")
    made = _format()
    asked = _asked()
    full_text = st.checkbox("With full texts (else short spans and digests)")
    try:
        chosen = _selection(asked, full_text=full_text)
    except StorylapseError as problem:
        _refused(problem)
        return
    changes = data.chosen(chosen, _AT_ONCE)
    few = changes <= _AT_ONCE
    said = counted(changes, "change") if few else f"More than {_AT_ONCE:,} changes"
    frame.show(element("p", f"{said} in this choice.", css="sl-sub"))
    if few and isinstance(made, Export) and made.name not in _SLOW:
        _offer(made, lambda: b"".join(data.exported(made, chosen)))
    else:
        _prepare(made, chosen, (repr(asked), full_text))
    _preview(made, chosen)
    frame.show(element("h2", "The same by command"))
    command = exporting.by_command(made, {**asked, "full_text": full_text})
    st.code(command, language=None, wrap_lines=True)


# --------------------------------------------------------------------------
# What is asked for


def _format() -> Made:
    offered = exporting.formats(data.settings().dashboard.link_base)
    name = st.radio(
        "Format",
        list(offered),
        format_func=lambda key: f"{TITLES[key]}: {offered[key].meaning}",
        key="format",
    )
    return offered[name]


def _asked() -> dict[str, Any]:
    """What was chosen, as the command's options would have it."""
    config = data.settings()
    with st.container(horizontal=True):
        outlets = st.multiselect("Outlets", ranked.outlets_in_queue(), placeholder="Any", width=300)
        kinds = st.multiselect("Kinds", KINDS, format_func=plain, placeholder="Any", width=300)
        stories = st.multiselect(
            "Stories",
            [one.name for one in config.stories],
            placeholder="Any" if config.stories else _NONE,
            width=300,
            key="stories",
        )
    with st.container(horizontal=True):
        since = _moment("First seen since")
        until = _moment("First seen before")
        search = st.selectbox(
            "Saved search",
            [one.name for one in config.searches],
            index=None,
            placeholder="None" if config.searches else _NONE,
            help="What else is chosen here stands in for the search's own.",
            width=300,
            key="search",
        )
        articles = st.text_input(
            "Articles", placeholder="Any; addresses", width=260, key="articles"
        )
    return {
        "search": search,
        "stories": stories,
        "since": since,
        "until": until,
        "kinds": kinds,
        "outlets": outlets,
        "articles": articles.split(),
        "held": st.checkbox("With what was held back as noise"),
    }


def _moment(label: str) -> str | None:
    return st.selectbox(
        label,
        _PERIODS,
        index=None,
        placeholder="Any time",
        accept_new_options=True,
        help="So long ago: 90m, 24h, 7d, 2w. Or type a date or time (UTC): 2026-11-22.",
        width=180,
        key=label,
    )


def _selection(asked: Asked, *, full_text: bool) -> Selection:
    """Return what the command would select. Raises what that raises."""
    typed = dict(asked)
    wanted = saved(data.settings(), typed.pop("search"), **typed)
    return selection(data.archive(), _this_minute(), **wanted, full_text=full_text)


def _this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


# --------------------------------------------------------------------------
# What comes


def _offer(made: Made, content: Callable[[], bytes]) -> None:
    moment = datetime.now(UTC)
    st.download_button(
        f"Download {_suffix(made)}",
        data=content,
        file_name=f"storylapse-{_stem(made)}-{moment:%Y%m%dT%H%MZ}{_suffix(made)}",
        mime=made.media_type if isinstance(made, Export) else "application/zip",
        on_click="ignore",
    )


def _suffix(made: Made) -> str:
    return made.suffix if isinstance(made, Export) else ".zip"


def _stem(made: Made) -> str:
    return "changes" if isinstance(made, Export) else made.name


def _prepare(made: Made, chosen: Selection, choice: tuple[str, bool]) -> None:
    """A file that takes its time is written first, and says how far it is; then it is offered."""
    wanted, key = (made.name, choice), "prepared"
    if st.session_state.get(key, (None,))[0] != wanted:
        st.session_state.pop(key, None)
        if not st.button(f"Write the {_suffix(made)} file"):
            frame.show(element("p", "It takes a while; the page says how far it is.", css="sl-sub"))
            return
        try:
            st.session_state[key] = (wanted, _written(made, chosen))
        except StorylapseError as problem:
            _refused(problem)
            return
    file = st.session_state[key][1]
    if file.seek(0, 2) > _MOST_BYTES:
        _refused("The file is too large to be handed out by a page: make it by the command below.")
        return

    def content() -> bytes:
        file.seek(0)
        return bytes(file.read())

    _offer(made, content)


def _written(made: Made, chosen: Selection) -> IO[bytes]:
    """The file, in a place of its own that goes when the reader does. Raises ExportError."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 (lives as long as the reader's session)
    with st.status("Writing …") as status:

        def say(words: str) -> None:
            status.update(label=f"Writing … {words}")

        if isinstance(made, Folder):
            archive, now = data.archive(), datetime.now(UTC)
            exporting.packed(made, archive, chosen, file, now=now, say=say)
        else:
            exporting.written(data.exported(made, chosen), file, say)
        status.update(label=f"Written: {file.tell() / 1e3:,.0f} kB", state="complete")
    return file


def _refused(problem: StorylapseError | str) -> None:
    frame.show(element("p", str(problem), css="sl-banner", attributes={"role": "alert"}))


def _preview(made: Made, chosen: Selection) -> None:
    """The beginning of a file that can be read as it is; of others, the same as JSON Lines."""
    is_text = isinstance(made, Export) and made.media_type.startswith(_READABLE)
    shown = made if isinstance(made, Export) and is_text else EXPORTS["jsonl"]
    what = "the beginning of the file" if is_text else "the first changes, here as JSON Lines"
    frame.show(element("h2", "What comes", element("small", what)))
    head = b""
    for piece in islice(data.exported(shown, chosen), 50):
        head += piece
        if len(head) > _PREVIEW_BYTES:
            break
    text = head[:_PREVIEW_BYTES].decode("utf-8", "ignore")
    if not text.strip():
        frame.show(element("p", "No change meets this choice yet.", css="sl-empty"))
        return
    st.code(text, language=None, wrap_lines=True)
