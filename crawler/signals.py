"""Signs of a change that cost no look: what a feed or sitemap says of its items. Pure.

A sign is trusted as far as its kind proved itself at that outlet, and never replaces looking.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from store.model import Link

# A stamp that is hardly younger than our last look may tell of what that look showed already.
DELAY = timedelta(seconds=60)
LEAST_PRECISION = 0.1
"""A kind of sign that leads to a change more rarely than this, with 95 % certainty, is ignored."""
_DOUBT = 0.05
_JUDGED_BY = 400
"""Looks that a kind of sign is judged by at most, in proportion."""


class Sign(StrEnum):
    """What said that an article changed."""

    STAMP = "stamp"  # the feed gives the item a newer time
    LASTMOD = "lastmod"  # the sitemap does
    WORDING = "wording"  # the item's title or summary is another


SENTENCES = {
    Sign.STAMP: "The feed gives this article a time after our last look.",
    Sign.LASTMOD: "The sitemap gives this article a time after our last look.",
    Sign.WORDING: "The feed words this article's title or summary in another way than before.",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign that one article changed."""

    article_id: int
    sign: Sign


def signals(
    links: Iterable[Link],
    owners: Mapping[str, int],
    wordings: Mapping[int, int],
    last_look: Callable[[int], datetime | None],
    now: datetime,
) -> Iterator[Signal]:
    """Yield the signs in what a source offers now.

    ``owners`` gives the article that an address belongs to, ``wordings`` is what the source said of
    each article at the poll before; ``last_look`` gives the time of an article's last look, None
    for one that signs are not heeded for. Only feeds give their items a wording, so a link without
    one is a sitemap's.
    """
    for link in links:
        article = owners[link.address]
        last, stamped = last_look(article), Sign.LASTMOD if link.wording is None else Sign.STAMP
        if last is None:
            continue
        # A stamp in the future is a wrong clock or zone; it would be news at every poll.
        if link.stamped_at is not None and last + DELAY < link.stamped_at <= now + DELAY:
            yield Signal(article, stamped)
        elif article in wordings and link.wording not in {None, wordings[article]}:
            yield Signal(article, Sign.WORDING)


def wordings(links: Iterable[Link], owners: Mapping[str, int]) -> dict[int, int]:
    """Return what a source says of each article, as numbers to compare with the next poll's."""
    return {owners[link.address]: link.wording for link in links if link.wording is not None}


def precision(tries: int, hits: int) -> float:
    """How likely a sign means a change: the mean of its Beta posterior, 0 where it is ruled out."""
    if tries > _JUDGED_BY:
        tries, hits = _JUDGED_BY, round(hits * _JUDGED_BY / tries)
    as_few = sum(
        math.comb(tries, n) * LEAST_PRECISION**n * (1 - LEAST_PRECISION) ** (tries - n)
        for n in range(hits + 1)
    )
    return 0.0 if as_few < _DOUBT else (1 + hits) / (2 + tries)
