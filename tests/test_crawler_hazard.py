"""How likely an article is to change, learned from what looks found."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.hazard import (
    AGE_PRIOR,
    HOUR,
    MOST_CHANGES,
    Articles,
    Looks,
    expected,
    fit,
    frailty,
    prior,
    rates,
)


def played(truth: float, outlets: int, articles: int, gap: float, seed: int) -> Looks:
    """Looks every ``gap`` hours for two days at articles that change as the prior says, times
    ``truth`` to the power of the outlet's number."""
    rng = np.random.default_rng(seed)
    hazard, rows = prior(), []
    for article in range(articles):
        outlet = article % outlets
        last, changed, changes = 0.0, np.nan, 0
        while last < 48 * HOUR:
            end = last + gap * HOUR
            looks = one(article, outlet, 0.0, last, end, changed, changes, False)
            found = rng.poisson(expected(hazard, looks)[0] * truth**outlet) > 0
            rows.append((article, outlet, 0.0, last, end, changed, changes, found))
            changed, changes, last = (end, changes + 1, end) if found else (changed, changes, end)
    return Looks(*(np.array(column) for column in zip(*rows, strict=True)))


def one(*columns: float) -> Looks:
    return Looks(*(np.array([value]) for value in columns))


def test_without_looks_the_prior_holds() -> None:
    nothing = Looks(*(np.zeros(0, dtype=np.int64) for _ in range(8)))
    assert np.array_equal(fit(nothing).age, AGE_PRIOR)


def test_the_prior_is_found_again_where_it_is_the_truth() -> None:
    learned = fit(played(1.0, 1, 400, 0.5, seed=3))
    busy = slice(2, 8)  # ages between half an hour and a day, where changes are many
    assert np.all(np.abs(np.log(learned.age[busy] * learned.outlets[0] / AGE_PRIOR[busy])) < 0.5)


def test_outlets_that_differ_are_told_apart_by_their_looks_alone() -> None:
    learned = fit(played(0.2, 2, 400, 0.5, seed=4))
    assert 3 < learned.outlets[0] / learned.outlets[1] < 8


def test_seldom_looks_do_not_make_a_busy_outlet_seem_quiet() -> None:
    """Several changes between two looks count once; the likelihood knows."""
    often = fit(played(6.0, 2, 300, 0.5, seed=5)).outlets
    seldom = fit(played(6.0, 2, 300, 6.0, seed=6)).outlets
    assert seldom[1] / seldom[0] > 0.5 * often[1] / often[0]


def test_an_outlet_never_seen_is_like_the_others() -> None:
    hazard = fit(played(0.2, 2, 50, 1.0, seed=7))
    assert hazard.of_outlet(np.array([99])) == 1.0


def test_learning_the_same_looks_gives_the_same_model() -> None:
    looks = played(0.5, 3, 60, 1.0, seed=8)
    assert np.array_equal(fit(looks).state, fit(looks).state)


@given(st.integers(0, 50), st.floats(0, 1000))
def test_an_articles_own_factor_goes_up_with_changes_and_down_with_what_was_expected(
    changes: int, expected_changes: float
) -> None:
    counts, hopes = np.array([changes, changes + 1.0]), np.array([expected_changes] * 2)
    few, more = frailty(counts, hopes)
    assert 0 < few < more
    assert frailty(counts[:1], hopes[:1] + 1)[0] < few


@settings(deadline=None)
@given(
    st.floats(0, 400 * 24), st.floats(0.01, 400 * 24), st.integers(0, MOST_CHANGES + 20),
    st.floats(0.001, 1000),
)  # fmt: skip
def test_rates_are_positive_everywhere_and_corrections_only_add(
    age: float, ahead: float, changes: int, factor: float
) -> None:
    last = np.array([1.7e9])
    article = Articles(
        last - age * HOUR, last, np.array([np.nan]), np.array([changes]), np.array([factor])
    )
    times = last[:, None] + ahead * HOUR
    plain = rates(prior(), article, times)
    assert 0 < plain < rates(prior(), article, times, 5.0)
