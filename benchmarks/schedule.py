"""How long it takes to schedule many articles, and to ask what is due among them.

    python -m benchmarks.schedule [ARTICLES]

Times are of the processor, the smallest of three repeats.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from crawler.agenda import Agenda, Entry
from crawler.policy import PATIENT, History
from store.model import Outcome

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
HOSTS = 200


def filled(articles: int) -> Agenda:
    """An agenda of articles of all ages up to 90 days, half of which have changed."""
    rng = np.random.default_rng(1)
    ages = np.exp(rng.uniform(np.log(600), np.log(90 * 86_400), articles))
    agenda = Agenda(lambda _: PATIENT, lambda _: 20_000.0)
    agenda.put([_entry(number, float(age)) for number, age in enumerate(ages)], NOW)
    return agenda


def _entry(number: int, age: float) -> Entry:
    last = NOW - timedelta(seconds=age / 10)
    history = History(NOW - timedelta(seconds=age), None, last, Outcome.UNCHANGED)
    changed = last - timedelta(seconds=age / 5) if number % 2 else None
    return Entry(number + 1, f"n{number % HOSTS}.example", history, changed, number % 2)


def seconds(call: Callable[[], object]) -> float:
    """Processor seconds of a call, the smallest of three."""

    def once() -> float:
        start = time.process_time()
        call()
        return time.process_time() - start

    return min(once() for _ in range(3))


def main() -> None:
    """Print what each step takes."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    agenda = filled(articles)
    since = NOW - timedelta(minutes=15)
    one = [_entry(7, 9_000.0)]
    steps = (
        (f"schedule {articles} articles anew", lambda: agenda.step_prices(since, NOW, {})),
        ("take in one look", lambda: agenda.put(one, NOW)),
        ("ask what is due, nothing being", lambda: agenda.due(NOW - timedelta(days=900))),
    )
    for name, step in steps:
        print(f"{name:<44}{seconds(step):>10.4f} s")


if __name__ == "__main__":
    main()
