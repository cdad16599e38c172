"""Measure speed as ratios against rivals, all within one run.

    python -m benchmarks.speed [DATA] [--write-docs]

Timings on a shared machine are noisy, so nothing here asserts a time: each
``speed_*.py`` beside this file returns ratios (``measure(data)``), taken from the smallest
CPU time of several repeats of both sides. Figures on real data need the data folder.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from pathlib import Path

import benchmarks
from benchmarks.sections import write_section

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs" / "speed.md"


def main() -> None:
    """Print every module's ratios, and write them down where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed")
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent.parent / "shared/data")
    parser.add_argument("--write-docs", action="store_true", help="write docs/speed.md")
    arguments = parser.parse_args()
    measured: dict[str, dict[str, float]] = {}
    for name in sorted(entry.name for entry in pkgutil.iter_modules(benchmarks.__path__)):
        if name.startswith("speed_"):
            print(f"\n{name.removeprefix('speed_')}")
            figures = importlib.import_module(f"benchmarks.{name}").measure(arguments.data)
            for figure, value in figures.items():
                print(f"  {figure:<72}{value:>10.3f}")
            measured[name.removeprefix("speed_")] = figures
    if arguments.write_docs:
        for name, figures in measured.items():
            write_section(DOCS, name, _section(figures))


def _section(figures: dict[str, float]) -> list[str]:
    """The figures as tables: one for all that share the part before their last full stop."""
    lines = []
    for columns, rows in _tables(figures):
        lines += [f"| | {' | '.join(c.replace('_', ' ') for c in columns)} |"]
        lines += [f"|---|{'---|' * len(columns)}"]
        lines += [
            f"| {row.replace('_', ' ')} | {' | '.join(f'{v:.3g}' for v in values)} |"
            for row, values in rows
        ]
        lines.append("")
    return lines


_Table = tuple[tuple[str, ...], list[tuple[str, list[float]]]]


def _tables(figures: dict[str, float]) -> list[_Table]:
    """Rows by what stands before the last full stop, joined while their columns are the same."""
    rows: dict[str, dict[str, float]] = {}
    for figure, value in figures.items():
        row, _, column = figure.rpartition(".")
        rows.setdefault(row.replace("synthetic.", ""), {})[column] = value
    tables: list[_Table] = []
    for row, cells in rows.items():
        if not tables or tables[-1][0] != tuple(cells):
            tables.append((tuple(cells), []))
        tables[-1][1].append((row, list(cells.values())))
    return tables


if __name__ == "__main__":
    main()
