"""Policies beside each other at equal cost, with intervals. Pure, but for the time it takes.

A family is turned by its one knob until it spends the wanted number of looks on an article; what
it achieves there lies between the two nearest turns, by the logarithm of the looks. Intervals
come from drawing days again, the same days for both sides of a difference (block bootstrap).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from crawler import rivals
from crawler.hazard import Floats, Ints, Looks
from crawler.ours import Ours
from crawler.simulate import History, Policy, Replay, State, replay

OURS, SNIFFER = "Storylapse", "News Sniffer"
SNIFFER_GROWTH: Mapping[float, float] = {6.0: 1.4, 12.0: 1.15, 24.0: 1.1}
"""Growth of the gap at which News Sniffer's mean delay is least, on the first 60 % of bbc_rss."""
DRAWS = 1_000
_NEAR = 1.1  # two turns this near to each other, with the wanted looks between, are near enough
_MOST_TURNS = 10
_FIRST_KNOB = 0.1
_DAY = 86_400.0

Make = Callable[[History, float], Policy]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a knob came to. Delays in minutes, never seen is infinity.

    ``days`` are sums by the day on which an article was met, one row each: articles, looks,
    changes, kept, brief, brief kept, minutes waited.
    """

    knob: float
    days: Floats
    percentiles: tuple[float, float, float]

    @property
    def looks(self) -> float:
        """Looks for each article."""
        return float(self.days[:, 1].sum() / self.days[:, 0].sum())


@dataclass(frozen=True, slots=True)
class Standing:
    """What a family achieves at so many looks for each article.

    Shares from 0 to 1, delays in minutes (None: never). ``more_kept`` and ``waits_longer`` are the
    difference to News Sniffer: of the share kept, and of the mean delay as a share of its mean
    delay; each as lower end, middle and upper end of its 95 % interval.
    """

    family: str
    looks: float
    knob: float
    kept: float
    brief_kept: float
    p50: float | None
    p90: float | None
    p95: float | None
    mean: float
    looks_per_version: float
    more_kept: tuple[float, float, float] | None = None
    waits_longer: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class _ByRule:
    """A rule of ``rivals`` as a policy: it learns nothing."""

    rule: rivals.Rule
    knob: float
    epoch: float = math.inf

    def learn(self, state: State, now: float) -> None:
        pass

    def saw(self, looks: Looks) -> None:
        pass

    def gaps(self, state: State, rows: Ints) -> Floats:
        return self.rule(state, rows, self.knob)


def by_rule(rule: rivals.Rule) -> Make:
    """Return how to make a policy of a rule."""
    return lambda _, knob: _ByRule(rule, knob)


def ours(history: History, price: float) -> Policy:
    """Make the production policy at a price."""
    return Ours(len(history), price)


def families_at(budget: float) -> dict[str, Make]:
    """Return every family that can spend so many looks, News Sniffer as tuned for it."""
    growth = SNIFFER_GROWTH[min(SNIFFER_GROWTH, key=lambda known: abs(known - budget))]
    tuned = partial(rivals.news_sniffer, growth=growth)
    made = {name: by_rule(rule) for name, rule in rivals.FAMILIES.items()}
    return made | {SNIFFER: by_rule(tuned), OURS: ours}


def standings(
    history: History,
    budget: float,
    families: Mapping[str, Make],
    rng: np.random.Generator,
    progress: Callable[[], object] = lambda: None,
) -> list[Standing]:
    """Return what each family achieves at so many looks for each article, in their order.

    ``families`` holds News Sniffer, which the others are held against.
    """
    turns = {}
    for name, make in families.items():
        turns[name] = turned(history, make, budget)
        progress()
    days = len(turns[SNIFFER][0].days)
    drawn = rng.multinomial(days, np.full(days, 1 / days), DRAWS).astype(float)
    against = _at(turns[SNIFFER], budget, drawn)
    return [
        _standing(name, found, budget, _differences(_at(found, budget, drawn), against))
        for name, found in turns.items()
    ]


def as_it_is(history: History, name: str, make: Make, knob: float) -> Standing:
    """Return what a family achieves at one turn of its knob, at the looks that takes."""
    turn = _turn(history, make, knob)
    return _standing(name, [turn], turn.looks, (None, None))


def turned(history: History, make: Make, budget: float) -> list[Turn]:
    """Turn a family's knob; return the turns on both sides of the wanted looks, or the nearest.

    Regula falsi in logarithms between a dear and a cheap turn.
    """
    knob, found = _FIRST_KNOB, []
    for _ in range(_MOST_TURNS):
        found.append(_turn(history, make, knob))
        dear, cheap = _around(found, budget)
        if dear and cheap and dear.looks < _NEAR * cheap.looks:
            return [dear, cheap]
        knob = _next_knob(dear, cheap, budget, knob)
    return sorted(found, key=lambda turn: abs(math.log(turn.looks / budget)))[:1]


def _around(found: Sequence[Turn], budget: float) -> tuple[Turn | None, Turn | None]:
    """The cheapest turn that spends more than the budget, and the dearest that does not."""
    dear = min((t for t in found if t.looks > budget), key=lambda t: t.looks, default=None)
    cheap = max((t for t in found if t.looks <= budget), key=lambda t: t.looks, default=None)
    return dear, cheap


def _next_knob(dear: Turn | None, cheap: Turn | None, budget: float, knob: float) -> float:
    """The next knob to try: aimed between the turns on both sides, or further out."""
    if dear is None or cheap is None:
        return knob * (0.25 if dear is None else 4.0)
    share = math.log(dear.looks / budget) / math.log(dear.looks / cheap.looks)
    # A little to this side of the aim and a little to that, so that both sides draw near.
    share = min(max(share + (0.05 if share < 0.5 else -0.05), 0.05), 0.95)
    return dear.knob * float((cheap.knob / dear.knob) ** share)


def _turn(history: History, make: Make, knob: float) -> Turn:
    run = replay(history, make(history, knob))
    day = (history.met // _DAY).astype(np.int64)
    day -= day.min()
    of_change, days = day[run.row], int(day.max()) + 1
    sums = [
        np.bincount(of, weights, days)
        for of, weights in (
            (day, np.ones(len(day))),
            (day, run.looks),
            (of_change, np.ones(len(of_change))),
            (of_change, run.kept.astype(float)),
            (of_change, run.brief.astype(float)),
            (of_change, (run.brief & run.kept).astype(float)),
            (of_change, run.waited / 60),
        )
    ]
    return Turn(knob, np.column_stack(sums), _percentiles(run))


def _percentiles(run: Replay) -> tuple[float, float, float]:
    p50, p90, p95 = np.percentile(run.delay / 60, [50, 90, 95], method="nearest")
    return float(p50), float(p90), float(p95)


def _at(turns: Sequence[Turn], looks: float, weights: Floats) -> Floats:
    """Shares kept and brief kept, mean delay and looks for each version, one row each weighting."""
    rows, costs = [], []
    for turn in turns:
        articles, spent, changes, kept, brief, brief_kept, waited = (weights @ turn.days).T
        costs.append(np.log(spent / articles))
        rows.append(
            np.column_stack(
                [kept / changes, brief_kept / np.maximum(brief, 1), waited / changes, spent / kept]
            )
        )
    if len(turns) == 1:
        return rows[0]
    apart = np.where(costs[1] == costs[0], 1.0, costs[1] - costs[0])
    share = ((math.log(looks) - costs[0]) / apart)[:, None]
    return np.asarray(rows[0] + share * (rows[1] - rows[0]))


_Interval = tuple[float, float, float]


def _differences(ours: Floats, theirs: Floats) -> tuple[_Interval, _Interval]:
    """The difference in the share kept, and in the mean delay as a share of theirs."""
    return _interval(ours[:, 0] - theirs[:, 0]), _interval(ours[:, 2] / theirs[:, 2] - 1)


def _interval(values: Floats) -> _Interval:
    low, middle, high = np.percentile(values, [2.5, 50, 97.5])
    return float(low), float(middle), float(high)


def _standing(
    name: str,
    turns: Sequence[Turn],
    budget: float,
    against: tuple[_Interval | None, _Interval | None],
) -> Standing:
    kept, brief, mean, price = _at(turns, budget, np.ones((1, len(turns[0].days))))[0]
    costs = np.log([turn.looks for turn in turns])
    share = (math.log(budget) - costs[0]) / (costs[-1] - costs[0]) if len(turns) > 1 else 0.0
    first, last = turns[0].percentiles, turns[-1].percentiles
    p50, p90, p95 = (_between(a, b, share) for a, b in zip(first, last, strict=True))
    return Standing(
        family=name,
        looks=budget if len(turns) > 1 else turns[0].looks,
        knob=turns[0].knob * (turns[-1].knob / turns[0].knob) ** share,
        kept=kept,
        brief_kept=brief,
        p50=p50,
        p90=p90,
        p95=p95,
        mean=mean,
        looks_per_version=price,
        more_kept=against[0],
        waits_longer=against[1],
    )


def _between(first: float, last: float, share: float) -> float | None:
    """A percentile between two turns; None where it is never."""
    found = first + share * (last - first) if math.isfinite(first + last) else math.inf
    return found if math.isfinite(found) else None
