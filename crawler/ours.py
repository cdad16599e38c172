"""The production policy as the replay runs it: the same functions, one price for all articles."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from crawler.hazard import HOUR, Articles, Floats, Ints, Looks, expected, fit, frailty, prior
from crawler.policy import PATIENT, longest_gaps, worthwhile_gaps
from crawler.pricing import DAY, stretches
from crawler.simulate import State

LEARN_FROM = 60_000
"""Looks that the tables are fitted to, the newest ones."""
_NEWS = 1.05
"""The tables are fitted again once there are so many times the looks there were."""


class Ours:
    """Looks when a look is worth the price, learning as it goes, with deadlines."""

    epoch = 6 * HOUR

    def __init__(self, articles: int, price: float) -> None:
        self._price = price
        self._hazard = prior()
        self._stretch = 1.0
        self._expected = np.zeros(articles)
        self._seen: list[Looks] = []
        self._looks = 0
        self._fitted = 0

    def learn(self, state: State, now: float) -> None:
        """Fit the tables where there is news, and see how far the deadlines must be stretched."""
        if self._looks > _NEWS * self._fitted:
            together = _joined(self._seen)
            together = together.take(np.arange(len(together))[-LEARN_FROM:])
            self._hazard, self._seen = fit(together), [together]
            self._looks = self._fitted = len(together)
        rows = np.flatnonzero(~np.isnan(state.last) & (state.history.end > now))
        if rows.size:
            longest = longest_gaps(state.last[rows] - state.history.born[rows], PATIENT)
            budget = (DAY / self._worthwhile(state, rows, np.inf)).sum()
            self._stretch = stretches(longest, np.zeros_like(rows), np.array([budget]))[0]

    def saw(self, looks: Looks) -> None:
        """Keep what was seen, and what was expected of it."""
        self._seen.append(looks)
        self._looks += len(looks)
        np.add.at(self._expected, looks.article, expected(self._hazard, looks))

    def gaps(self, state: State, rows: Ints) -> Floats:
        """Seconds to the next look at each article."""
        return self._worthwhile(state, rows, self._stretch)

    def _worthwhile(self, state: State, rows: Ints, stretch: float) -> Floats:
        own = frailty(state.changes[rows].astype(float), self._expected[rows])
        articles = Articles(
            born=state.history.born[rows],
            last=state.last[rows],
            changed=state.changed[rows],
            changes=state.changes[rows],
            factor=self._hazard.of_outlet(state.history.outlet[rows]) * own,
        )
        price, stretched = np.full(len(rows), self._price), np.full(len(rows), stretch)
        return worthwhile_gaps(self._hazard, articles, price, stretched, PATIENT)[0]


def _joined(parts: list[Looks]) -> Looks:
    return Looks(*(np.concatenate([getattr(p, e.name) for p in parts]) for e in fields(Looks)))
