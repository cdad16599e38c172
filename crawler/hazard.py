"""How likely an article is to change, learned from the crawler's own looks. Pure.

The chance of a change per hour is a product of small tables (age, what happened lately, hour of
day, outlet) and of a factor of the article's own. Each table is fitted to what looks found,
"changed" or "not", by expectation maximisation: a look that found a change says that at least
one happened since the look before (Cho and Garcia-Molina 2003), and the change is credited to
the pieces of that interval as the tables expect it there. Nothing else is learned from, so that
a model can be made again from the checks in the archive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR = 3600.0
# Edges in hours. Ages and the expected changes per hour before anything is learned: the field
# study's prior (recrawl, section 3.2), close to what three outlets have in common.
AGE_EDGES = np.array([0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168]) * HOUR
AGE_PRIOR = np.array([0.2, 0.2, 0.2, 0.15, 0.10, 0.08, 0.05, 0.02, 0.005, 0.002, 0.001, 0.0005])
# Corrections come late (1,336 dated ones of NRK: a median of 17 hours, a seventh after a week):
# their share in each span of age, by the span's hours, the last one running to 90 days. That one
# article in a hundred is corrected is an assumption.
CORRECTIONS = (
    np.array([66, 5, 26, 54, 51, 134, 102, 206, 96, 75, 51, 93])
    / 1000
    / np.array([0.25, 0.25, 0.5, 1, 1, 3, 6, 12, 24, 48, 72, 1992])
    / 100
)
QUIET_EDGES = np.array([0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 48, 96]) * HOUR
MOST_CHANGES = 6
HOURS_A_BIN = 3
# Weights of the priors, in changes: a table entry or an outlet needs about three credited
# changes, an hour ten, before what was seen outweighs what was assumed.
PRIOR_WEIGHT, HOUR_WEIGHT, FRAILTY = 3.0, 10.0, 3.0
_SWEEPS = 3
_PIECES = 4


@dataclass(frozen=True, slots=True)
class Articles:
    """What the hazard of each article depends on, one row each. Times are UTC seconds.

    ``changed`` is when the last change was seen, NaN where none was; ``factor`` is the outlet's
    factor times the article's own.
    """

    born: Floats
    last: Floats
    changed: Floats
    changes: Ints
    factor: Floats


@dataclass(frozen=True, slots=True)
class Looks:
    """What looks found, one row each: the interval since the look before, and the state then."""

    article: Ints
    outlet: Ints
    born: Floats
    start: Floats
    end: Floats
    changed_before: Floats
    changes_before: Ints
    found: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.article)

    def take(self, rows: Ints) -> Looks:
        """The rows asked for."""
        return Looks(*(getattr(self, each.name)[rows] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Hazard:
    """The tables. ``age`` is in changes per hour, every other one is a factor around 1."""

    age: Floats
    state: Floats
    hour: Floats
    outlets: Mapping[int, float] = field(default_factory=dict)

    def of_outlet(self, outlets: Ints) -> Floats:
        """The factor of each outlet; 1 for one never seen."""
        return np.array([self.outlets.get(int(outlet), 1.0) for outlet in outlets])


def prior() -> Hazard:
    """The hazard before any look."""
    state = np.ones((MOST_CHANGES + 1, len(QUIET_EDGES) + 1))
    return Hazard(AGE_PRIOR.copy(), state, np.ones(24 // HOURS_A_BIN))


def rates(hazard: Hazard, articles: Articles, times: Floats, corrections: float = 0.0) -> Floats:
    """Expected changes per second of each article (row) at each of its times (columns).

    ``corrections`` adds that many times the rate of late corrections, whatever was learned.
    """
    age, quiet, hour = _cells(articles.born, articles.changed, times)
    row = np.minimum(articles.changes, MOST_CHANGES)[:, None]
    found = hazard.age[age] * hazard.state[row, quiet] * hazard.hour[hour]
    found = found * articles.factor[:, None]
    if corrections:
        found += corrections * CORRECTIONS[age]
    return np.asarray(found / HOUR)


def _cells(born: Floats, changed: Floats, times: Floats) -> tuple[Ints, Ints, Ints]:
    age = np.searchsorted(AGE_EDGES, times - born[:, None])
    since = np.where(np.isnan(changed), born, changed)
    quiet = np.searchsorted(QUIET_EDGES, times - since[:, None])
    hour = (times / (HOURS_A_BIN * HOUR)).astype(np.int64) % (24 // HOURS_A_BIN)
    return age, quiet, hour


def expected(hazard: Hazard, looks: Looks) -> Floats:
    """Changes expected in each look's interval for an article like others of its outlet."""
    pieces, length = _pieces(looks)
    articles = Articles(
        looks.born,
        looks.start,
        looks.changed_before,
        looks.changes_before,
        hazard.of_outlet(looks.outlet),
    )
    return np.asarray(rates(hazard, articles, pieces).sum(axis=1) * length)


def _pieces(looks: Looks) -> tuple[Floats, Floats]:
    """The middles of the pieces of each interval, and the length of its pieces in seconds."""
    length = (looks.end - looks.start) / _PIECES
    return looks.start[:, None] + length[:, None] * (np.arange(_PIECES) + 0.5), length


def frailty(credited: Floats, expected_changes: Floats) -> Floats:
    """The article's own factor, from the changes credited to it and those expected of it.

    The mean of a gamma distribution around 1 with shape ``FRAILTY``.
    """
    return np.asarray((FRAILTY + credited) / (FRAILTY + expected_changes))


def fit(looks: Looks) -> Hazard:
    """The hazard that explains what looks found, starting from the prior.

    One table after another (Gauss-Seidel): all at once overshoots where the prior is far off.
    """
    hazard = prior()
    if not len(looks):
        return hazard
    pieces, length = _pieces(looks)
    age, quiet, hour = _cells(looks.born, looks.changed_before, pieces)
    row = np.broadcast_to(np.minimum(looks.changes_before, MOST_CHANGES)[:, None], age.shape)
    own, outlets = _own(looks.article), _own(looks.outlet)
    tables = {
        "age": (age, len(AGE_PRIOR), PRIOR_WEIGHT),
        "outlet": (np.broadcast_to(outlets[:, None], age.shape), outlets.max() + 1, PRIOR_WEIGHT),
        "state": (row * hazard.state.shape[1] + quiet, hazard.state.size, PRIOR_WEIGHT),
        "hour": (hour, len(hazard.hour), HOUR_WEIGHT),
        "article": (np.broadcast_to(own[:, None], age.shape), own.max() + 1, FRAILTY),
    }
    factors = {name: np.ones(size) for name, (_, size, _) in tables.items()}
    base = AGE_PRIOR[age] / HOUR * length[:, None]
    mean = base.copy()
    for _ in range(_SWEEPS):
        for name, (cells, _, weight) in tables.items():
            mean /= factors[name][cells]
            factors[name] = _factor(cells, mean, factors[name], found=looks.found, weight=weight)
            mean *= factors[name][cells]
    names = {int(place): int(key) for place, key in zip(outlets, looks.outlet, strict=True)}
    return Hazard(
        AGE_PRIOR * factors["age"],
        factors["state"].reshape(hazard.state.shape),
        factors["hour"],
        {names[place]: float(value) for place, value in enumerate(factors["outlet"])},
    )


def _own(keys: Ints) -> Ints:
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _factor(
    cells: Ints, others: Floats, now: Floats, *, found: NDArray[np.bool_], weight: float
) -> Floats:
    """One table's factors, given what all other tables expect of each piece."""
    mean, size = others * now[cells], len(now)
    total = mean.sum(axis=1)
    # At least one change happened where a look found one: E[n | n >= 1] = m / (1 - e^-m).
    share = np.where(found, 1.0 / -np.expm1(-np.maximum(total, 1e-9)), 0.0)
    credited = np.bincount(cells.ravel(), (mean * share[:, None]).ravel(), size)
    exposed = np.bincount(cells.ravel(), others.ravel(), size)
    return np.asarray((credited + weight) / (exposed + weight))
