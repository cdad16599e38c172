"""Figures of one measurement on a screen: what each ``quality_*`` module shows when run alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def print_figures(measure: Callable[[Path], Mapping[str, float]]) -> None:
    """Measure on the data folder that the command line names, and print the figures."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    for name, value in measure(data).items():
        print(f"{name:<55}{value:>9.4f}")
