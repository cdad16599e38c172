"""What a look is worth, against the exact optimum where the hazard is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.hazard import AGE_EDGES, HOUR, Articles, Floats, prior
from crawler.value import LONGEST, Worth, gap_at, gaps

STEP = 120.0
SPAN = 36 * HOUR
# Changes per hour by age as measured on one real outlet (field study, section 1.2).
MEASURED = np.array(
    [0.128, 0.403, 0.337, 0.232, 0.153, 0.109, 0.076, 0.031, 0.005, 0.0015, 0.001, 0.001]
)
DELAY, MIXED = Worth(0.0, 1.0, 0.0), Worth(1.0, 0.5, 0.0)


@dataclass
class Known:
    """A hazard over age that is known, on a grid of two minutes over a day and a half."""

    age: Floats
    worth: Worth

    def __post_init__(self) -> None:
        self.size = int(SPAN / STEP)
        self.times = np.arange(self.size + 1) * STEP
        rate = self.age[np.searchsorted(AGE_EDGES, self.times[:-1] + STEP / 2)] / HOUR
        self.unseen = np.concatenate([[0], np.cumsum(rate * STEP)])
        middles = (self.unseen[1:] + self.unseen[:-1]) / 2
        self.area = np.concatenate([[0], np.cumsum(middles * STEP)])

    def waiting(self, start: int, ends: Floats) -> Floats:
        """What waiting from one look to the next costs."""
        x = self.unseen[ends] - self.unseen[start]
        hours = self.times[ends] - self.times[start]
        area = self.area[ends] - self.area[start] - self.unseen[start] * hours
        return self.worth.lost * (x - 1 + np.exp(-x)) + self.worth.delay / HOUR * area

    def optimum(self, price: float) -> tuple[int, float]:
        """Looks and cost of the best schedule, by dynamic programming backwards."""
        best, following = np.zeros(self.size + 1), np.zeros(self.size + 1, dtype=int)
        for start in range(self.size - 1, -1, -1):
            ends = np.arange(start + 1, self.size + 1)
            costs = self.waiting(start, ends) + best[ends] + price * (ends < self.size)
            following[start] = ends[costs.argmin()]
            best[start] = costs.min()
        looks, place = 0, following[0]
        while place < self.size:
            looks, place = looks + 1, following[place]
        return looks, float(best[0])

    def ours(self, price: float) -> tuple[int, float]:
        """The same of looking when a look is worth its price."""
        hazard = prior()
        hazard = type(hazard)(self.age, hazard.state, hazard.hour)
        place, looks, total = 0, 0, 0.0
        while place < self.size:
            article = Articles(
                np.zeros(1),
                self.times[place : place + 1],
                np.array([np.nan]),
                np.zeros(1, dtype=np.int64),
                np.ones(1),
            )
            gap = gaps(hazard, article, np.array([price]), self.worth)[0]
            end = min(self.size, max(place + 1, round((self.times[place] + gap) / STEP)))
            total += float(self.waiting(place, np.array([end]))[0]) + price * (end < self.size)
            looks, place = looks + (end < self.size), end
        return looks, total


@pytest.mark.parametrize("worth", [DELAY, MIXED], ids=["delay", "mixed"])
@pytest.mark.parametrize(
    ("age", "prices"),
    [
        (MEASURED, (0.005, 0.01, 0.02, 0.04)),
        (MEASURED * 10, (0.05, 0.1, 0.2, 0.4)),
        (MEASURED * 0.2, (0.001, 0.002, 0.004)),
        (np.full(12, 0.2), (0.002, 0.01, 0.05)),
    ],
    ids=["measured", "ten times as busy", "a fifth as busy", "flat"],
)
def test_looks_cost_at_most_a_twentieth_more_than_the_exact_optimum(
    age: Floats, prices: tuple[float, ...], worth: Worth
) -> None:
    known, checked = Known(age, worth), 0
    for price in prices:
        looks, best = known.optimum(price)
        if looks >= 20:
            checked += 1
            assert known.ours(price)[1] <= 1.05 * best, price
    assert checked >= 2


def test_the_checker_itself_finds_the_best_even_spacing_where_nothing_varies() -> None:
    looks, best = Known(np.full(12, 0.2), DELAY).optimum(0.01)
    hours = SPAN / HOUR
    costs = [hours * 0.2 * hours / n / 2 + 0.01 * (n - 1) for n in range(1, 200)]
    assert abs(looks - int(np.argmin(costs))) <= 2  # the grid of two minutes
    assert best == pytest.approx(min(costs), rel=0.01)


def flat(rate: float) -> tuple[object, Articles]:
    hazard = prior()
    born = np.array([1.7e9])
    article = Articles(born, born, np.array([np.nan]), np.zeros(1, dtype=np.int64), np.array([1.0]))
    return type(hazard)(np.full(12, rate), hazard.state, hazard.hour), article


rates_per_hour = st.floats(0.01, 5.0)
prices = st.floats(0.002, 1.0)


@settings(deadline=None)
@given(rates_per_hour, prices)
def test_a_constant_rate_gives_the_square_root_law(rate: float, price: float) -> None:
    hazard, article = flat(rate)
    law = np.sqrt(2 * price / rate) * HOUR
    if not 600 < law < LONGEST / 4:
        return
    found = gaps(hazard, article, np.array([price]), DELAY)[0]  # type: ignore[arg-type]
    assert found == pytest.approx(law, rel=0.03)
    assert gap_at(np.array([rate / HOUR]), np.array([price]), DELAY)[0] == pytest.approx(law)


@settings(deadline=None)
@given(rates_per_hour, prices, st.floats(1.1, 10), st.sampled_from([DELAY, MIXED]))
def test_a_busier_article_is_looked_at_sooner_and_a_dearer_look_comes_later(
    rate: float, price: float, factor: float, worth: Worth
) -> None:
    def gap(rate: float, price: float) -> float:
        hazard, article = flat(rate)
        return float(gaps(hazard, article, np.array([price]), worth)[0])  # type: ignore[arg-type]

    slack = 1.01  # of the grid
    assert gap(rate * factor, price) <= gap(rate, price) * slack
    assert gap(rate, price * factor) * slack >= gap(rate, price)


def test_many_articles_give_the_same_gaps_as_each_alone() -> None:
    rng = np.random.default_rng(2)
    last = 1.7e9 + rng.uniform(0, 1e5, 2_500)
    many = Articles(
        last - rng.uniform(0, 1e7, 2_500),
        last,
        np.where(rng.random(2_500) < 0.5, np.nan, last - 900),
        rng.integers(0, 9, 2_500),
        rng.uniform(0.1, 10, 2_500),
    )
    price = rng.uniform(0.002, 1, 2_500)
    found = gaps(prior(), many, price)
    for row in (0, 999, 1_000, 2_499):
        alone = Articles(*(getattr(many, name)[[row]] for name in Articles.__slots__))
        assert gaps(prior(), alone, price[[row]])[0] == found[row]
