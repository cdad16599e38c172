"""When to look at an article again: pure, no clock, no network, no database.

For the world, an article that was read is looked at again when a look is worth its price at that
host (``crawler.value``, by the hazard of ``crawler.hazard``), under a deadline that bounds the gap
by the article's age whatever the model believes. Everything else (removals, trouble, walls, what
waits for a second look, hosts of one's own) goes by fixed gaps. Production and simulation call
the same functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from crawler.guard import own_hosts
from crawler.hazard import Articles, Floats, Hazard
from crawler.value import gaps
from store.model import Outcome, Why


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one article that its next look depends on. Times are aware, in UTC.

    ``unchanged_streak`` counts looks since the last change that found nothing new,
    ``failures_streak`` looks in a row that found no article (gone, blocked and failed ones).
    ``confirm_at`` is when a second look at something odd is wanted.
    """

    first_seen_at: datetime
    published_at: datetime | None = None
    last_fetch_at: datetime | None = None
    last_outcome: Outcome | None = None
    unchanged_streak: int = 0
    failures_streak: int = 0
    confirm_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient we are with a host.

    ``base`` is the gap after a first look or a change, ``growth`` what each unchanged look makes of
    it; without a base, the worth of a look decides. The gap is never under ``least`` and never over
    ``most`` or ``age_share`` of the article's age, whichever is longer, until ``horizon``; then
    looks are ``tail`` apart. Trouble backs off from ``trouble_first``, doubling, to
    ``trouble_most``. ``refused`` is the gap after a refusal or a wall. ``gone`` are the looks that
    confirm a removal; later ones are ``gone_tail`` apart.
    ``odd`` is how soon a reading too odd to believe is looked at again. ``poll`` is the gap between
    two looks at a source of which little is known, then one from ``poll_least`` to ``poll_most``;
    ``rest_most`` is how long it may keep us away by asking for it. ``since_seen`` counts the age
    from our first sight, not from publication.
    """

    least: timedelta
    base: timedelta | None
    growth: float
    most: timedelta
    age_share: float
    horizon: timedelta
    tail: timedelta
    trouble_first: timedelta
    trouble_most: timedelta
    refused: timedelta
    gone: tuple[timedelta, ...]
    gone_tail: timedelta
    odd: timedelta
    poll: timedelta
    poll_least: timedelta
    poll_most: timedelta
    rest_most: timedelta
    since_seen: bool


PATIENT = Pace(
    # Deadline max(1 h, age/2) to 90 days: 19 looks notice 95.7 % of 1,336 dated corrections.
    # Trouble 5 min x 2 to 6 h, removal confirmed three times over a day.
    least=timedelta(minutes=2),
    base=None,
    growth=1.0,
    most=timedelta(hours=1),
    age_share=0.5,
    horizon=timedelta(days=90),
    tail=timedelta(days=90),
    trouble_first=timedelta(minutes=5),
    trouble_most=timedelta(hours=6),
    refused=timedelta(hours=24),
    gone=(timedelta(minutes=20), timedelta(hours=3), timedelta(hours=20)),
    gone_tail=timedelta(days=7),
    odd=timedelta(minutes=15),
    poll=timedelta(minutes=10),
    poll_least=timedelta(minutes=2),
    poll_most=timedelta(hours=1),
    rest_most=timedelta(hours=6),
    since_seen=False,
)
"""The pace for the world."""

QUICK = Pace(
    # For hosts the person allowed by name, which are theirs: changes are met within seconds for
    # the first minutes, and within two and a half minutes after an hour.
    least=timedelta(seconds=2),
    base=timedelta(seconds=4),
    growth=1.2,
    most=timedelta(seconds=12),
    age_share=0.04,
    horizon=timedelta(days=90),
    tail=timedelta(hours=1),
    trouble_first=timedelta(seconds=5),
    trouble_most=timedelta(minutes=1),
    refused=timedelta(minutes=1),
    gone=(timedelta(seconds=5), timedelta(seconds=5)),
    gone_tail=timedelta(minutes=1),
    odd=timedelta(seconds=5),
    poll=timedelta(seconds=15),
    poll_least=timedelta(seconds=15),
    poll_most=timedelta(seconds=15),
    rest_most=timedelta(seconds=15),
    since_seen=True,
)
"""The pace for hosts in allow_hosts."""

_TROUBLE = frozenset({Outcome.FAILED, Outcome.UNREADABLE})
_WALLS = frozenset({Outcome.REFUSED, Outcome.BLOCKED})
_MOST_DOUBLINGS = 20
_OLDEST_AT_FIRST = timedelta(days=2)


def paces(allow_hosts: tuple[str, ...]) -> Callable[[str], Pace]:
    """Return the pace of a host (``host:port`` as in ``store.address.host_of``)."""
    quick = own_hosts(allow_hosts)
    return lambda host: QUICK if host in quick else PATIENT


def fixed_look(history: History, pace: Pace, now: datetime) -> tuple[datetime, Why] | None:
    """Return when to look next and why, None where the worth of a look decides.

    The time may lie before ``now``: then it is due.
    """
    last = history.last_fetch_at
    if last is None:
        return history.first_seen_at, Why.FIRST
    if last > now:  # the clock was set back: one look, and the stamps are in order again
        return now, Why.DUE
    if history.confirm_at is not None:
        return min(history.confirm_at, now + pace.odd), Why.CONFIRM
    found = _gap(history, pace, last)
    return found and (last + found[0], found[1])


def born_at(history: History, pace: Pace) -> datetime:
    """Return when the article's age begins: our first sight, or publication shortly before it.

    Dates on pages can be wrong, and somebody who watches an old article wants it watched.
    """
    born = history.first_seen_at
    if history.published_at is not None and not pace.since_seen:
        born = min(born, max(history.published_at, born - _OLDEST_AT_FIRST))
    return born


def worthwhile_gaps(
    hazard: Hazard,
    articles: Articles,
    price: Floats,
    stretch: Floats,
    pace: Pace,
    *,
    jitter: Floats | float = 1.0,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the seconds after each last look to the next, and whether a deadline set them.

    ``price`` and ``stretch`` are those of each article's host; ``jitter`` is a factor near 1, which
    no deadline is moved by.
    """
    age = np.maximum(articles.last - articles.born, 0.0)
    longest = longest_gaps(age, pace) * stretch
    gap = np.maximum(gaps(hazard, articles, price) * jitter, pace.least.total_seconds())
    tail = age > pace.horizon.total_seconds()
    gap = np.where(tail, pace.tail.total_seconds(), np.minimum(gap, longest))
    return gap, (gap >= longest) & ~tail


def longest_gaps(age: Floats, pace: Pace) -> Floats:
    """Return the longest gap in seconds allowed at an age in seconds, before any stretch."""
    return np.asarray(np.maximum(pace.most.total_seconds(), age * pace.age_share))


def back_off(failures: int, pace: Pace) -> timedelta:
    """Return the gap after so many failures in a row."""
    doublings = min(max(failures - 1, 0), _MOST_DOUBLINGS)
    return min(pace.trouble_first * float(2**doublings), pace.trouble_most)


def _gap(history: History, pace: Pace, last: datetime) -> tuple[timedelta, Why] | None:
    outcome = history.last_outcome
    if outcome is Outcome.HELD:
        return pace.odd, Why.CONFIRM
    if outcome is Outcome.GONE:
        return _gap_of_gone(history.failures_streak, pace)
    if outcome in _TROUBLE:
        return back_off(history.failures_streak, pace), Why.DUE
    if outcome in _WALLS:
        return pace.refused, Why.DUE
    return None if pace.base is None else _growing_gap(history, pace, pace.base, last)


def _gap_of_gone(times: int, pace: Pace) -> tuple[timedelta, Why]:
    if times <= len(pace.gone):
        return pace.gone[max(times, 1) - 1], Why.CONFIRM
    return pace.gone_tail, Why.DUE


def _growing_gap(
    history: History, pace: Pace, base: timedelta, last: datetime
) -> tuple[timedelta, Why]:
    age = max(last - born_at(history, pace), timedelta(0))
    if age > pace.horizon:
        return pace.tail, Why.DUE
    longest = max(pace.most, age * pace.age_share)
    # The streak is cut where growth has long passed every deadline, so that powers stay small.
    wished = base * pace.growth ** min(history.unchanged_streak, 100)
    if wished >= longest:
        return longest, Why.DEADLINE
    return max(wished, pace.least), Why.DUE
