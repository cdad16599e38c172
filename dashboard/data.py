"""Every read a page needs. Only this module of the pages opens the archive.

Rows come from the views of ``store/schema/views.sql``. What can change is cached for moments,
so that many readers cost one question; what cannot (a version's text) is cached for long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import lately, questions
from dashboard.bundles import bundle
from dashboard.lineage import Column, traced
from store import documents
from store.address import AddressError
from store.address import article_id as number_of
from store.archive import Archive, open_archive
from store.compare import compare
from store.config import Config, load_config
from store.export import Export, Selection
from store.model import Comparison, Document, FactChange, Span
from store.rows import FACTS, SPANS, to_column
from store.selection import HAPPENED, condition

Row = dict[str, Any]

LONGEST_LIST = 500
# Ticks on the timeline: more than this melt into a line on any screen.
MOST_CHECKS = 2000

_HEX = re.compile(r"[0-9a-fA-F]{1,16}")
_MOMENT = 2.0  # seconds; the crawl writes about once a second
# A question that takes longer than a live page can ask again and again is asked less often.
_LONG, _WHILE = 0.5, 15.0
_LEISURE = 60.0
_QUARTER = 900.0
# Articles that a question names one by one.
_MOST_NAMED = 1000


# --------------------------------------------------------------------------
# The archive


def settings() -> Config:
    """The configuration, from the environment and the one file."""
    return load_config()


def archive() -> Archive:
    """The archive that the configuration names. Raises NoArchive and its kin."""
    return _opened(settings().archive)


@st.cache_resource(show_spinner=False)
def _opened(path: Path) -> Archive:
    return open_archive(path)


def _now() -> datetime:
    return datetime.now(UTC)


@st.cache_data(ttl=_MOMENT, max_entries=500, show_spinner=False)
def _asked(path: Path, sql: str, parameters: Sequence[Any]) -> list[Row]:
    return _answer(path, sql, parameters)


@st.cache_data(ttl=_WHILE, max_entries=200, show_spinner=False)
def _asked_seldom(path: Path, sql: str, parameters: Sequence[Any]) -> list[Row]:
    return _answer(path, sql, parameters)


_TOOK: dict[str, float] = {}
"""How many seconds each question took when it was last asked."""


def _answer(path: Path, sql: str, parameters: Sequence[Any]) -> list[Row]:
    began = time.monotonic()
    rows = _opened(path).query(sql, parameters)
    _TOOK[sql] = time.monotonic() - began
    return rows


def ask(sql: str, *parameters: Any) -> list[Row]:
    """The rows that answer a question to the views; at most moments old, where that is cheap."""
    asked = _asked if _TOOK.get(sql, 0.0) < _LONG else _asked_seldom
    return asked(settings().archive, sql, parameters)


def ask_at_leisure(sql: str, *parameters: Any) -> list[Row]:
    """The same for figures over the whole archive, which nobody needs to the second."""
    return _asked_at_leisure(settings().archive, sql, parameters)


@st.cache_data(ttl=_LEISURE, max_entries=50, show_spinner=False)
def _asked_at_leisure(path: Path, sql: str, parameters: Sequence[Any]) -> list[Row]:
    return _opened(path).query(sql, parameters)


def ask_one(sql: str, *parameters: Any) -> Row | None:
    """The first of them, or None."""
    found = ask(sql, *parameters)
    return found[0] if found else None


# --------------------------------------------------------------------------
# One article


def article(name: str) -> Row | None:
    """An article by its hex number or its address, or None."""
    try:
        number = int(name, 16) if _HEX.fullmatch(name) else number_of(name)
    except AddressError:
        return None
    return ask_one("SELECT * FROM article_list WHERE article_id = ?", number)


def versions(article_id: int) -> list[Row]:
    """Its versions in order, each with what the comparison with the one before came to."""
    return ask(questions.VERSIONS, article_id, article_id)


def held_changes(article_id: int, old: int, new: int) -> list[Row]:
    """Which rules hold back changes between two versions, and how many each: rule, changes."""
    return ask(questions.HELD_CHANGES, article_id, old, new)


def events(article_id: int) -> list[Row]:
    """What happened to it as a whole, in order."""
    return ask(questions.EVENTS, article_id)


def checks(article_id: int, limit: int = MOST_CHECKS) -> list[Row]:
    """Its last checks, newest first, without their headers."""
    return ask(questions.CHECKS, article_id, limit)


def evidence(article_id: int, version: int) -> Row | None:
    """The check that first showed a version, headers included."""
    return ask_one(questions.EVIDENCE, article_id, version)


def pages(article_id: int, check: str) -> list[Row]:
    """The following pages that one check asked for, where the article is spread over several."""
    return ask(questions.PAGES, article_id, check)


def capture(article_id: int, version: int) -> Row | None:
    """The capture of an archive that first showed a version, headers included."""
    return ask_one(questions.CAPTURE, article_id, version)


def comments(article_id: int, limit: int = LONGEST_LIST) -> list[Row]:
    """What readers wrote under it, in the order of the thread."""
    return ask(questions.COMMENTS, article_id, limit)


def document(article_id: int, version: int) -> Document:
    """What one version says. Raises UnknownVersion."""
    return _document(settings().archive, article_id, version)


def comparison(article_id: int, old: int, new: int) -> Comparison:
    """Any two versions, compared now."""
    return _comparison(settings().archive, article_id, old, new)


def pair(article_id: int, old: int, new: int) -> tuple[Document, Document]:
    """What two versions say, both by one reading where there is one: what ``comparison`` tells."""
    return _pair(settings().archive, article_id, old, new)


def history(article_id: int, numbers: tuple[int, ...]) -> list[Column]:
    """Where every sentence of these versions came from, each compared with the one before."""
    return _history(settings().archive, article_id, numbers)


def body(digest: str) -> bytes | None:
    """A kept response."""
    return archive().body(digest)


# A version never changes once it is kept; the limit is for memory alone.
@st.cache_data(ttl=_QUARTER, max_entries=2000, show_spinner=False)
def _document(path: Path, article_id: int, version: int) -> Document:
    return _opened(path).document(article_id, version)


@st.cache_data(ttl=_QUARTER, max_entries=2000, show_spinner=False)
def _comparison(path: Path, article_id: int, old: int, new: int) -> Comparison:
    return compare(*_pair(path, article_id, old, new))


@st.cache_data(ttl=_QUARTER, max_entries=1000, show_spinner=False)
def _pair(path: Path, article_id: int, old: int, new: int) -> tuple[Document, Document]:
    return _opened(path).pair(article_id, old, new)


@st.cache_data(ttl=_QUARTER, max_entries=100, show_spinner=False)
def _history(path: Path, article_id: int, numbers: tuple[int, ...]) -> list[Column]:
    with _opened(path).reading() as connection:
        known = connection.execute(
            "SELECT version, document_id FROM version_list WHERE article_id = ?", [article_id]
        ).fetchall()
        of_version = dict(known)
        read = documents.load_all(connection, {of_version[number] for number in numbers})
    return traced([read[of_version[number]] for number in numbers])


def are_kept(digests: Sequence[str]) -> bool:
    """Whether each of these responses is still there."""
    kept = ask("SELECT digest FROM bodies WHERE list_contains(?::VARCHAR[], digest)", list(digests))
    return len(kept) == len(set(digests))


def evidence_bundle(article_id: int, version: int) -> bytes:
    """The evidence of the change that led to a version, as a file."""
    return bundle(archive(), article_id, version, _now())


# --------------------------------------------------------------------------
# Columns that hold JSON


def facts(written: str | None) -> tuple[FactChange, ...]:
    """The typed facts in a column."""
    return FACTS.validate_json(written or "[]")


def spans(written: str | None) -> tuple[Span, ...]:
    """The redline in a column."""
    return SPANS.validate_json(written or "[]")


def forget_answers() -> None:
    """Let the next read see what an act just changed."""
    _asked.clear()
    _asked_seldom.clear()
    _asked_at_leisure.clear()


# --------------------------------------------------------------------------
# Exports


def chosen(selection: Selection, most: int) -> int:
    """How many changes a selection holds; of more than ``most`` one more is counted."""
    narrow = _by_article(selection)
    meets, values = condition(narrow)
    asked = f"FROM {HAPPENED} SELECT 1 AS one WHERE {meets} AND seen_first_at >= ? LIMIT ?"

    def since(bound: datetime) -> list[Row]:
        return ask(asked, *values, to_column(bound), most + 1)

    if narrow.since is not None or narrow.articles:
        return len(since(narrow.since or lately.EVER))
    return len(lately.newest(archive(), since, most + 1))


def _by_article(selection: Selection) -> Selection:
    """The same selection, its outlets' articles by number where they are few: 0.2 s, not 0.6."""
    if not selection.outlets or selection.articles:
        return selection
    of_outlets = (
        "SELECT article_id FROM article_list WHERE list_contains(?::VARCHAR[], outlet) LIMIT ?"
    )
    found = ask(of_outlets, list(selection.outlets), _MOST_NAMED + 1)
    few = 0 < len(found) <= _MOST_NAMED
    return (
        replace(selection, articles=tuple(row["article_id"] for row in found)) if few else selection
    )


def exported(export: Export, selection: Selection) -> Iterator[bytes]:
    """A selection of changes in a format, in pieces."""
    return export.write(archive(), selection)
