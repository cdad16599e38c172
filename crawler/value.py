"""What a look is worth, and when it is worth its price. Pure.

Waiting costs: every change that is not seen yet waits (``delay``, per hour and change), and every
change that another one overwrites before we look is a version lost (``lost``). With x expected
unseen changes since the last look, the cost so far is

    F = lost (x - 1 + e^-x) + delay (integral of x).

A look costs the price. The best next look is where one more moment of waiting costs as much as
it saves; for a renewal problem that is (Barlow, Hunter and Proschan 1963, their recursion for
optimal inspection, with one step of looking ahead)

    dF/dt (here) = rate (here) x [lost (1 - e^-(rate g)) + delay g],

g being the gap that would follow: the one whose average cost is least at the rate found there.
At a constant rate this is the square-root law, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from crawler.hazard import HOUR, Articles, Floats, Hazard, rates

LONGEST = 14 * 86_400.0
# Where a next look can fall, in seconds after the last: geometric, 2 minutes to 14 days.
_GRID = np.geomspace(120.0, LONGEST, 44)
_EDGES = np.concatenate([[0.0], _GRID])
_MIDDLES = (_EDGES[1:] + _EDGES[:-1]) / 2
_WIDTHS = np.diff(_EDGES)
_NEWTON = 2
_AT_ONCE = 1_000
"""Articles worked on at once, so that what is worked on stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What matters: a version lost, and an hour that a change waits to be seen.

    ``correction`` is how many usual changes a late correction counts for.
    """

    lost: float = 1.0
    delay: float = 1.0
    correction: float = 5.0


MIXED = Worth()
"""A version lost counts as an hour of waiting: from half an hour to four hours all do much alike
on the first 60 % of bbc_rss. A correction counts as five changes (field study, section 3.2)."""


def gaps(hazard: Hazard, articles: Articles, price: Floats, worth: Worth = MIXED) -> Floats:
    """Seconds after each article's last look at which the next is worth its price.

    At most the grid's end (14 days), where it is never worth it.
    """
    found = np.empty(len(price))
    for start in range(0, len(price), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        part = Articles(*(getattr(articles, each.name)[rows] for each in fields(Articles)))
        found[rows] = _gaps(hazard, part, price[rows, None], worth)
    return found


def gap_at(rate: Floats, price: Floats, worth: Worth = MIXED) -> Floats:
    """The best gap in seconds where the rate (changes per second) never changes.

    The one of least average cost: g F'(g) - F(g) = price, by Newton's rule.
    """
    rate = np.maximum(rate, 1e-12)
    delay = max(worth.delay / HOUR, 1e-9)
    gap = np.sqrt(2 * price / (rate * (worth.lost * rate + delay)))
    for _ in range(_NEWTON):
        seen = rate * gap
        missed = np.exp(-seen)
        over = worth.lost * (1 - (1 + seen) * missed) + delay * seen * gap / 2 - price
        slope = seen * (worth.lost * rate * missed + delay)
        gap = np.clip(gap - over / slope, gap / 4, gap * 4)
    return np.minimum(gap, LONGEST)


def _gaps(hazard: Hazard, articles: Articles, price: Floats, worth: Worth) -> Floats:
    rate = rates(hazard, articles, articles.last[:, None] + _MIDDLES, worth.correction)
    ahead = np.column_stack([rate[:, 1:], rate[:, -1]])
    unseen = np.cumsum(rate * _WIDTHS, axis=1)
    here = (rate + ahead) / 2
    waiting = worth.delay / HOUR * unseen - worth.lost * here * np.expm1(-unseen)
    later = _rate_ahead(unseen, gap_at(here, price, worth))
    gap = gap_at(np.where(later > 0, later, here), price, worth)
    saved = here * (worth.delay / HOUR * gap - worth.lost * np.expm1(-later * gap))
    return _first(waiting - saved)


def _rate_ahead(unseen: Floats, gap: Floats) -> Floats:
    """The mean rate over the gap that would follow each place of the grid."""
    end = np.clip(np.searchsorted(_GRID, _GRID + gap), 0, len(_GRID) - 1)
    reach = _GRID[end] - _GRID
    more = np.take_along_axis(unseen, end, axis=1) - unseen
    return np.where(reach > 0, more / np.maximum(reach, 1.0), 0.0)


def _first(over: Floats) -> Floats:
    """Where each row first reaches zero, between two places of the grid."""
    reached = over >= 0
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), len(_GRID) - 1)
    before = np.maximum(place - 1, 0)
    rows = np.arange(len(over))
    low, high = over[rows, before], over[rows, place]
    share = np.where((place > 0) & (high > low), -low / np.where(high > low, high - low, 1), 1.0)
    found = _GRID[before] + np.clip(share, 0.0, 1.0) * (_GRID[place] - _GRID[before])
    return np.asarray(np.where(place == 0, _GRID[0], found))
