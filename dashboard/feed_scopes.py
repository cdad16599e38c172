"""What a feed is of: everything, an outlet, an article, a kind, a story or a saved search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboard.options import UsageError
from dashboard.selecting import saved, selection
from store.archive import Archive
from store.config import Config, StoryConfig
from store.errors import StorylapseError
from store.model import EventKind
from store.selection import Condition, condition
from store.stories import stories_of

_EVENTS = frozenset(kind.value for kind in EventKind)
_OF_KINDS = """(list_has_any(?::VARCHAR[], list_append(kinds, kind))
    OR old_version <> new_version AND (article_id, new_version) IN
       (SELECT (article_id, new_number) FROM changes WHERE list_contains(?::VARCHAR[], kind)))"""
_ASKED = ("articles", "stories", "outlets", "kinds", "since", "until", "held")


class NoSuchFeed(StorylapseError):
    """There is no feed of this name."""


def chosen(archive: Archive, config: Config, scope: str, name: str, now: datetime) -> Condition:
    """Return the condition on rows of the view ``queue`` that a feed is made of.

    Raises NoSuchFeed, UnknownArticle and other ArchiveErrors.
    """
    find = SCOPES.get(scope)
    if find is None or (scope == "all") != (name == ""):
        raise NoSuchFeed("There is no such feed. Try /feeds/all.atom")
    return find(archive, config, name, now)


def _all(_archive: Archive, _config: Config, _name: str, _now: datetime) -> Condition:
    return "true", []


def _outlet(_archive: Archive, _config: Config, name: str, _now: datetime) -> Condition:
    return "outlet = ?", [name]


def _article(archive: Archive, _config: Config, name: str, _now: datetime) -> Condition:
    return "article_id = ?", [archive.article_id(name)]


def _kind(_archive: Archive, _config: Config, name: str, _now: datetime) -> Condition:
    # A removed article is news, a removed sentence is an edit: as in rules, the article is meant.
    if name in _EVENTS:
        return "old_version = new_version AND kind = ?", [name]
    return f"old_version <> new_version AND {_OF_KINDS}", [[name], [name]]


def _story(archive: Archive, config: Config, name: str, _now: datetime) -> Condition:
    stories = [story for story in config.stories if story.name == name]
    if not stories:
        raise NoSuchFeed(f"No [[stories]] of the configuration is named '{name}'.")
    return "list_contains(?::UBIGINT[], article_id)", [list(stories_of(archive, stories))]


def _search(archive: Archive, config: Config, name: str, now: datetime) -> Condition:
    try:
        asked = saved(config, name, **dict.fromkeys(_ASKED))
        wanted = selection(archive, now, **asked | {"kinds": None, "articles": None})
    except UsageError as error:
        raise NoSuchFeed(str(error)) from None
    # By number: an article that is not watched yet is no reason to have no feed.
    story = StoryConfig.model_construct(name=name, articles=tuple(asked["articles"]))
    found, values = condition(replace(wanted, articles=tuple(stories_of(archive, [story]))))
    kinds: Any = list(asked["kinds"] or ())
    return (f"{found} AND {_OF_KINDS}", [*values, kinds, kinds]) if kinds else (found, values)


Find = Callable[[Archive, Config, str, datetime], Condition]
SCOPES: dict[str, Find] = {
    "all": _all,
    "outlet": _outlet,
    "article": _article,
    "kind": _kind,
    "story": _story,
    "search": _search,
}
