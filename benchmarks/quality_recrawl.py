"""When to look again: ours against a tuned News Sniffer, on real change times nobody tuned on.

    python -m benchmarks.quality_recrawl [DATA]

The short form of docs/recrawl.md: every second article of the last two fifths of the table, at
6, 12 and 24 looks for each article. ``kept`` is the share of versions kept, ``mean_at_most`` the
mean delay in minutes; the leads are over News Sniffer, in versions kept and in minutes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.figures import print_figures
from crawler import trials
from crawler.simulate import read_history

DATA = ("recrawl/bbc_rss_2021.csv.gz",)
_BUDGETS = (6.0, 12.0, 24.0)


def measure(data: Path) -> dict[str, float]:
    """Kept, mean delay and both leads, for each budget of looks."""
    history = read_history(data / DATA[0])
    part = history.take(np.arange(round(0.6 * len(history)), len(history), 2))
    figures: dict[str, float] = {}
    for budget in _BUDGETS:
        families = trials.families_at(budget)
        chosen = {name: families[name] for name in (trials.SNIFFER, trials.OURS)}
        sniffer, ours = trials.standings(part, budget, chosen, np.random.default_rng(1))
        name = f"recrawl.{budget:g}_looks"
        figures |= {
            f"{name}.kept": ours.kept,
            f"{name}.kept_lead": ours.kept - sniffer.kept,
            f"{name}.mean_at_most": ours.mean,
            f"{name}.mean_lead": sniffer.mean - ours.mean,
        }
    return figures


if __name__ == "__main__":
    print_figures(measure)
