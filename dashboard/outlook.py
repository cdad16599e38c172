"""What the crawl in this process means to do next: for pages, which know no crawler.

``server`` says so once, before anybody is served. Where no crawl runs beside the pages, nothing is
known, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


def _nothing(_: object = None) -> dict[int, datetime]:
    return {}


@dataclass(frozen=True, slots=True)
class Outlook:
    """When articles and sources, by their numbers, are looked at next; what a host gets a day."""

    looks: Callable[[Iterable[int]], Mapping[int, datetime]] = _nothing
    polls: Callable[[], Mapping[int, datetime]] = _nothing
    budget_of: Callable[[str], float | None] = lambda _: None


_told: list[Outlook] = []


def tell(outlook: Outlook) -> None:
    """Let the pages know from here on."""
    _told[:] = [outlook]


def known() -> Outlook:
    """What is known now."""
    return _told[-1] if _told else Outlook()
