"""When others look again: the rules of known tools, each a small pure function of what was seen.

Every family has one knob, so that all can be compared at equal cost. Gaps are in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from crawler.hazard import HOUR, Floats, Ints
from crawler.simulate import History, State

Rule = Callable[[State, Ints, float], Floats]
"""State, articles and knob to the seconds until the next look at each."""

_DAY = 24 * HOUR
# Time since the last change (or birth), and the gap while it is shorter: NewsDiffs.
_BANDS = np.array([3 * HOUR, _DAY, 7 * _DAY, 30 * _DAY])
_BAND_GAPS = np.array([0.25 * HOUR, HOUR, 3 * HOUR, 3 * _DAY, 360 * _DAY])
_SNIFFER_STOPS = 40 * _DAY
_OFTEN = 300.0
"""What grows from nothing starts here: five minutes."""


def fixed(_: State, rows: Ints, hours: float) -> Floats:
    """Look every so many hours."""
    return np.full(len(rows), hours * HOUR)


def gdelt(state: State, rows: Ints, _: float) -> Floats:
    """Look after 24 hours and after 7 days (GDELT's Global Difference Graph)."""
    age = state.last[rows] - state.history.met[rows]
    return np.where(age < _DAY, _DAY - age, np.where(age < 7 * _DAY, 7 * _DAY - age, np.inf))


def newsdiffs(state: State, rows: Ints, factor: float) -> Floats:
    """Look by bands of the time since the last change, scaled."""
    quiet = state.last[rows] - _since(state, rows)
    return factor * _BAND_GAPS[np.searchsorted(_BANDS, quiet, side="right")]


def diffengine(state: State, rows: Ints, ratio: float) -> Floats:
    """Look when (now - last look) / (now - first seen) reaches a ratio (shipped with 0.2)."""
    age = state.last[rows] - state.history.born[rows]
    return np.maximum(_OFTEN, ratio / (1 - min(ratio, 0.99)) * age)


def news_sniffer(state: State, rows: Ints, hours: float, growth: float = 1.2) -> Floats:
    """Let the gap grow with every look that found nothing, and fall back at a change."""
    gap = hours * HOUR * growth ** np.minimum(state.quiet[rows], 200)
    return np.where(gap > _SNIFFER_STOPS, np.inf, gap)


def back_off(state: State, rows: Ints, minutes: float) -> Floats:
    """Double the gap with every look that found nothing."""
    return minutes * 60.0 * 2.0 ** np.minimum(state.quiet[rows], 30)


def aimd(state: State, rows: Ints, hours: float) -> Floats:
    """Lengthen the gap by half at nothing, halve it at a change."""
    before = np.where(np.isnan(state.before[rows]), np.nan, state.last[rows] - state.before[rows])
    longer = np.where(state.quiet[rows] > 0, before * 1.5, before / 2)
    return np.where(np.isnan(before), hours * HOUR, np.maximum(longer, 60.0))


def lambda_crawl(state: State, rows: Ints, price: float) -> Floats:
    """Look at the rate that is best for the article's own constant rate of change, as seen so far.

    Three changes at the usual rate are taken for granted, so that a new article has a rate.
    """
    watched = state.last[rows] - state.history.met[rows]
    rate = (state.changes[rows] + 3) / (watched + 3 / _usual_rate(state.history))
    return _best_for(rate * HOUR, price)


def lambda_crawl_told(state: State, rows: Ints, price: float) -> Floats:
    """The same where the article's true rate is known before: hindsight."""
    history = state.history
    changes = np.isfinite(history.changes[rows]).sum(axis=1)
    length = (history.end - history.met)[rows]
    # One change more, over the span one usually takes: no article is never looked at.
    rate = (changes + 1) / (length + 1 / _usual_rate(history))
    return _best_for(rate * HOUR, price)


def _usual_rate(history: History) -> float:
    """Changes per second of a listed article, over all."""
    return float(np.isfinite(history.changes).sum() / (history.end - history.met).sum())


def _best_for(rate: Floats, price: float) -> Floats:
    """The optimum of harmonic staleness (Kolobov and others 2019)."""
    looks = (-rate + np.sqrt(rate * rate + 4 * rate / price)) / 2
    return np.asarray(HOUR / looks)


def clairvoyant(state: State, rows: Ints, _: float) -> Floats:
    """Look one second after every change."""
    changes, last = state.history.changes[rows], state.last[rows]
    coming = np.where(changes > last[:, None], changes, np.inf).min(axis=1)
    return np.where(np.isfinite(coming), coming + 1.0 - last, np.inf)


def _since(state: State, rows: Ints) -> Floats:
    changed = state.changed[rows]
    return np.where(np.isnan(changed), state.history.born[rows], changed)


FAMILIES: Mapping[str, Rule] = {
    "fixed interval": fixed,
    "diffengine": diffengine,
    "LambdaCrawl": lambda_crawl,
    "LambdaCrawl, told all rates": lambda_crawl_told,
    "back-off x2": back_off,
    "NewsDiffs bands": newsdiffs,
    "AIMD": aimd,
    "News Sniffer": news_sniffer,
}
"""The families: one knob each, turned until so many looks are spent; more knob, fewer looks."""
