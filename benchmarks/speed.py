"""Measure speed as ratios against rivals, all within one run.

    python -m benchmarks.speed

Timings on a shared machine are noisy, so nothing here asserts a time: each
``speed_*.py`` beside this file returns ratios (``measure()``), taken from the smallest CPU time
of several repeats of both sides.
"""

from __future__ import annotations

import importlib
import pkgutil

import benchmarks


def main() -> None:
    """Print every module's ratios."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(benchmarks.__path__))
    for name in names:
        if name.startswith("speed_"):
            print(f"\n{name.removeprefix('speed_')}")
            for figure, value in importlib.import_module(f"benchmarks.{name}").measure().items():
                print(f"  {figure:<64}{value:>10.3f}")


if __name__ == "__main__":
    main()
