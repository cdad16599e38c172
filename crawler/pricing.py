"""What a look at a host costs, so that its budget is spent and not more. Pure.

One price for a host all day: by itself it moves looks from quiet hours and old articles to busy
ones. It begins where the square-root law would spend the budget on the articles there are, and
follows what was spent, in small steps.
"""

from __future__ import annotations

import numpy as np

from crawler.hazard import Floats, Hazard, Ints
from crawler.value import gap_at

DAY = 86_400.0
# The cheapest price lets a fresh article be looked at about every ten minutes however large the
# budget is; the dearest leaves everything to the deadlines.
CHEAPEST, DEAREST = 0.003, 50.0
# Steps of the logarithm of the price (field study, section 3.4).
_PULL, _LARGEST_STEP = 0.3, 0.5
FORCED_SHARE = 0.5
"""How much of a budget deadlines may ask for before they are stretched."""
_BISECTIONS = 30


def looks_a_day(requests_per_day: float, pause: float) -> float:
    """A host's budget, or what its pause (seconds between two requests) allows, if less."""
    return min(requests_per_day, DAY / max(pause, 1.0))


def first_prices(rate: Floats, host: Ints, budget: Floats) -> Floats:
    """The price of each host at which its articles, at their present rates, spend its budget.

    ``rate`` in changes per second and ``host`` are of each article, ``budget`` in looks per day
    is of each host.
    """
    low = np.full(len(budget), np.log(CHEAPEST))
    high = np.full(len(budget), np.log(DEAREST))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        looks = np.bincount(host, DAY / gap_at(rate, np.exp(middle)[host]), len(budget))
        low = np.where(looks > budget, middle, low)
        high = np.where(looks > budget, high, middle)
    return np.asarray(np.exp(high))


def next_prices(price: Floats, spent: Floats, planned: Floats) -> Floats:
    """The prices after a while in which each host spent so many looks and so many were planned."""
    ratio = spent / np.maximum(planned, 1e-9)
    step = np.clip(_PULL * (ratio - 1), -_LARGEST_STEP, _LARGEST_STEP)
    return np.clip(price * np.exp(step), CHEAPEST, DEAREST)


def planned_share(hazard: Hazard, start: float, end: float) -> float:
    """The share of a day's budget that is planned for the time from start to end (UTC seconds).

    At one price all day looks go with the square root of the hour's factor.
    """
    hours = np.sqrt(hazard.hour)
    width = DAY / len(hours)
    edges = np.arange(np.floor(start / width), np.ceil(end / width) + 1) * width
    inside = np.diff(np.clip(edges, start, end))
    bins = (edges[:-1] // width).astype(np.int64) % len(hours)
    return float((inside * hours[bins]).sum() / (hours.sum() * width))


def stretches(longest: Floats, host: Ints, budget: Floats) -> Floats:
    """How far the deadlines of each host must be stretched so that its budget can keep them.

    ``longest`` are the unstretched deadlines of its articles, in seconds after their last looks.
    """
    forced = np.bincount(host, DAY / longest, len(budget))
    return np.maximum(1.0, forced / (FORCED_SHARE * np.maximum(budget, 1e-9)))
