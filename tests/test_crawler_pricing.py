"""A price for each host that spends its budget, and deadlines that a thin one can keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.hazard import HOUR, prior
from crawler.policy import PATIENT, longest_gaps
from crawler.pricing import (
    CHEAPEST,
    DAY,
    DEAREST,
    FORCED_SHARE,
    first_prices,
    next_prices,
    planned_share,
    stretches,
)
from crawler.value import gap_at

ONE = np.zeros(300, dtype=np.int64)
RATES = np.geomspace(0.001, 0.5, 300) / HOUR


@settings(deadline=None)
@given(st.floats(500, 8_000))
def test_the_first_price_spends_the_budget_on_the_articles_there_are(budget: float) -> None:
    price = first_prices(RATES, ONE, np.array([budget]))[0]
    assert (DAY / gap_at(RATES, np.full(300, price))).sum() == pytest.approx(budget, rel=0.01)


def test_each_host_has_its_own_price() -> None:
    hosts = np.repeat([0, 1], 150)
    rates = np.concatenate([RATES[:150], RATES[:150]])
    dear, cheap = first_prices(rates, hosts, np.array([100.0, 400.0]))
    assert dear > 2 * cheap


def test_a_large_budget_does_not_make_us_look_without_end() -> None:
    price = first_prices(RATES[-1:], ONE[:1], np.array([1e6]))
    assert price[0] == pytest.approx(CHEAPEST, rel=0.01)
    assert gap_at(np.array([0.3 / HOUR]), price)[0] > 300


@given(st.floats(CHEAPEST, DEAREST), st.floats(0, 1e6), st.floats(0, 1e4))
def test_a_price_moves_towards_the_plan_in_bounded_steps(
    price: float, spent: float, planned: float
) -> None:
    found = next_prices(np.array([price]), np.array([spent]), np.array([planned]))[0]
    assert CHEAPEST <= found <= DEAREST
    assert abs(np.log(found / price)) <= 0.5 + 1e-9
    if planned > 1:
        assert (found >= price) == (spent >= planned) or found in {CHEAPEST, DEAREST}


@pytest.mark.parametrize("start", [0.3, 3.0])
def test_the_price_comes_to_where_exactly_the_budget_is_spent(start: float) -> None:
    price, planned = np.array([start * 0.05]), np.array([2_000 / 96])
    for _ in range(96):
        looks = (DAY / gap_at(RATES, np.full(300, price[0]))).sum() / 96
        price = next_prices(price, np.array([looks]), planned)
    assert looks == pytest.approx(planned[0], rel=0.01)


def test_a_day_is_planned_once_and_busy_hours_get_more() -> None:
    hazard = replace(prior(), hour=np.array([0.2, 0.3, 1.0, 1.8, 1.8, 1.2, 1.0, 0.7]))
    day = 1_700_000_000.0 // DAY * DAY
    assert planned_share(hazard, day + 1234, day + 1234 + DAY) == pytest.approx(1)
    night = planned_share(hazard, day, day + 3 * HOUR)
    noon = planned_share(hazard, day + 9 * HOUR, day + 12 * HOUR)
    assert noon / night == pytest.approx(3)  # the square root of nine
    parts = [planned_share(hazard, day + n * 900, day + (n + 1) * 900) for n in range(96)]
    assert sum(parts) == pytest.approx(1)


def test_deadlines_stay_as_they_are_while_the_budget_can_keep_them() -> None:
    ages = np.linspace(0, 80 * DAY, 300)
    longest = longest_gaps(ages, PATIENT)
    forced = (DAY / longest).sum()
    enough = np.array([forced / FORCED_SHARE])
    assert stretches(longest, ONE, enough) == pytest.approx([1.0])
    thin = stretches(longest, ONE, enough / 3)
    assert thin == pytest.approx([3.0])
    assert (DAY / (longest * thin)).sum() <= FORCED_SHARE * enough[0] / 3 * 1.001
