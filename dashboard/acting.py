"""What people do on the pages: acts, appended to the archive, seen by the next read."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from dashboard import data
from dashboard.reviewing import finding_named
from dashboard.signin import at_home, signed_in_as
from store.errors import StorylapseError, UnknownArticle
from store.model import SourceKind
from store.remains import left_behind
from store.reviews import MARKS, Marks, Review

_CAME_BY = "dashboard"
UNSIGNED = "unsigned"
"""Whoever came over the network to a dashboard without sign-in."""


def mark(name: str, said: str) -> None:
    """Put a mark on the finding of this name; the one that holds already is taken back.

    What is no finding of the archive, and no mark, is left alone: browsers can send anything.
    """
    finding = finding_named(name)
    if finding is None or said not in MARKS:
        return
    archive = data.archive()
    if data.ask_one("SELECT 1 FROM article_list WHERE article_id = ?", finding.article_id) is None:
        return
    acts = archive.reviews([finding.article_id]).get(finding)
    before = acts[-1].marks if acts else Marks()
    after = replace(before, mark=None if before.mark == said else said)
    archive.record_reviews([Review(finding, after, reviewer(), _now(), _CAME_BY)])
    data.forget_answers()


def pressed(name: str, said: str) -> None:
    """The same for a press on a page: where the archive takes no mark now, the page says so."""
    try:
        mark(name, said)
    except StorylapseError:
        st.toast("The mark was not kept: the archive cannot be written to now. Try again.")


def reviewer() -> str:
    """Who marks: who signed in, else whose machine it is where only that machine gets in."""
    if name := signed_in_as():
        return name[:200]
    if not at_home():
        return UNSIGNED
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return UNSIGNED


def watch(address: str, kind: SourceKind | None) -> None:
    """Watch an article, or with a kind a source of articles. Raises AddressError."""
    if kind is None:
        data.archive().watch_article(address, acted_at=_now())
    else:
        data.archive().watch_source(address, kind, acted_at=_now())
    data.forget_answers()


def unwatch(address: str) -> None:
    """Stop watching an article or a source. Raises UnknownArticle."""
    data.archive().unwatch(address, acted_at=_now())
    data.forget_answers()


def pause(source: int) -> None:
    """Let a source and its articles rest until somebody resumes it."""
    data.archive().pause(source, acted_at=_now())
    data.forget_answers()


def resume(source: int) -> None:
    """Watch a source again, with the articles that rested with it."""
    data.archive().resume(source, acted_at=_now())
    data.forget_answers()


def forget(article: int) -> list[str]:
    """Remove an article everywhere, for good; return which files beside the archive still hold it.

    Raises UnknownArticle, ArchiveError.
    """
    if data.ask_one("SELECT 1 FROM article_list WHERE article_id = ?", article) is None:
        raise UnknownArticle(f"Article {article:x} is not in the archive any more.")
    archive, now = data.archive(), _now()
    archive.forget(article, acted_at=now)
    st.cache_data.clear()  # the long memory of texts too
    return left_behind(archive, now)


def _now() -> datetime:
    return datetime.now(UTC)
