"""Stories of the configuration by their articles' numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from store.address import AddressError
from store.config import StoryConfig

if TYPE_CHECKING:
    from store.archive import Archive

StoriesOf = Mapping[int, tuple[str, ...]]
"""The names of the stories that an article belongs to, by its number."""


def stories_of(archive: Archive, configured: Iterable[StoryConfig]) -> StoriesOf:
    """Return which stories each article is told of.

    An article that is not watched yet counts by the number it will have; what is neither an
    address nor a number is left out (``doctor`` and ``--story`` say so).
    """
    found: dict[int, tuple[str, ...]] = {}
    for story in configured:
        for article in story.articles:
            number = _number(archive, article)
            if number is not None:
                found[number] = (*found.get(number, ()), story.name)
    return found


def _number(archive: Archive, article: str) -> int | None:
    try:
        return archive.owner(article)
    except AddressError:
        pass
    try:
        return int(article, 16)
    except ValueError:
        return None
