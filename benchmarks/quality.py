"""Measure quality on real data and hold it to pinned floors.

    python -m benchmarks.quality [DATA] [--write-docs] [--raise-floors]

Each ``quality_*.py`` beside this file names the files it reads (``DATA``) and returns
figures (``measure(data)``). ``floors.json`` pins the least each figure may be (or, for
names ending in ``_at_most``, the most) and the fingerprint of the data it was pinned on. A module
may show what it gets wrong (``failing(data)``, lines of Markdown) for docs/quality.md.
Lowering a floor needs a decision record.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any

import benchmarks

HERE = Path(__file__).parent
FLOORS = HERE / "floors.json"
DOCS = HERE.parent / "docs" / "quality.md"
INTRODUCTION = (
    "Written by `python -m benchmarks.quality --write-docs`; `make test` and CI hold the floors.\n"
    "Each `benchmarks/quality_*.py` says what its figures mean. Names that end in `_at_most` are\n"
    "better when lower; a figure named after a rival is that rival's, on the same data. What the\n"
    "whole product tells wrongly of page sequences: [sequences](sequences.md).\n\n"
    "Single pages are read worse than by trafilatura mostly where people left the standfirst out\n"
    "of what they expect, or put a copyright line in: we do the contrary on purpose. Notes of\n"
    "other articles, shown in full below a page's own, are left out on purpose too: told as notes\n"
    "of this article they would be false. `kept` counts them all the same, `kept_own` does not."
)


def main() -> int:
    """Return 0 where every figure holds its floor."""
    arguments = _arguments()
    if not arguments.data.is_dir():
        if os.environ.get("CI"):
            print(f"The data folder {arguments.data} is missing, and CI always has it.")
            return 1
        print(f"Quality was not measured: there is no data folder at {arguments.data}.")
        return 0
    floors = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    broken = []
    measured: dict[str, dict[str, Any]] = {}
    for module in _modules():
        name = module.__name__.removeprefix("benchmarks.quality_")
        pinned = floors.get(name, {})
        started = time.process_time()
        entry = {
            "fingerprint": _fingerprint(arguments.data, module.DATA),
            "figures": module.measure(arguments.data),
        }
        seconds = time.process_time() - started
        measured[name] = entry
        print(f"\n{name} ({seconds:.0f} s of CPU)")
        broken += _report(name, entry, pinned)
    if arguments.raise_floors:
        _pin(floors, measured)
    if arguments.write_docs:
        _write_docs(arguments.data, measured, floors)
    for line in broken:
        print(f"BELOW ITS FLOOR: {line}")
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.quality")
    parser.add_argument("data", nargs="?", type=Path, default=HERE.parent.parent / "shared/data")
    parser.add_argument("--write-docs", action="store_true", help="write docs/quality.md")
    parser.add_argument("--raise-floors", action="store_true", help="pin what is measured now")
    return parser.parse_args()


def _modules() -> list[Any]:
    names = sorted(
        entry.name
        for entry in pkgutil.iter_modules(benchmarks.__path__)
        if entry.name.startswith("quality_")
    )
    return [importlib.import_module(f"benchmarks.{name}") for name in names]


def _fingerprint(data: Path, names: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in sorted(names):
        place = data / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file():
                digest.update(file.relative_to(data).as_posix().encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _report(name: str, entry: dict[str, Any], pinned: dict[str, Any]) -> list[str]:
    broken = []
    if pinned and pinned["fingerprint"] != entry["fingerprint"]:
        broken.append(f"{name}: the data is not what the floors were pinned on; pin them again.")
    for figure, value in sorted(entry["figures"].items()):
        floor = pinned.get("floors", {}).get(figure)
        print(f"  {figure:<52}{value:>12.4f}   floor {'-' if floor is None else floor}")
        if floor is not None and not _holds(figure, value, floor):
            broken.append(f"{figure} is {value:.4f}, pinned at {floor}")
    missing = set(pinned.get("floors", {})) - set(entry["figures"])
    return broken + [f"{figure} was not measured" for figure in sorted(missing)]


def _holds(figure: str, value: float, floor: float) -> bool:
    return value <= floor if figure.endswith("_at_most") else value >= floor


def _pin(floors: dict[str, Any], measured: dict[str, Any]) -> None:
    """Pin each floored figure at what is measured, rounded so that it still holds."""
    for name, entry in measured.items():
        kept = floors.get(name, {}).get("floors", {})
        floors[name] = {
            "fingerprint": entry["fingerprint"],
            "floors": {figure: _rounded(figure, entry["figures"][figure]) for figure in kept},
        }
    FLOORS.write_text(json.dumps(floors, indent=2, sort_keys=True) + "\n", "utf-8")


def _rounded(figure: str, value: float) -> float:
    step = 0.001
    down = int(value / step) * step
    return round(down + step if figure.endswith("_at_most") and value > down else down, 3)


def _write_docs(data: Path, measured: dict[str, Any], floors: dict[str, Any]) -> None:
    """Write the tables, with intervals where they were measured, and what still fails."""
    lines = ["# Quality", "", INTRODUCTION, ""]
    for module in _modules():
        name = module.__name__.removeprefix("benchmarks.quality_")
        entry = measured[name]
        lines += [f"## {name}", "", f"Data fingerprint `{entry['fingerprint']}`.", ""]
        lines += ["| figure | measured | interval (95 %) | floor |", "|---|---|---|---|"]
        lines += _rows(entry["figures"], floors.get(name, {}).get("floors", {}))
        lines.append("")
        failing = module.failing(data) if hasattr(module, "failing") else []
        if failing:
            lines += ["What still fails:", "", *(f"- {line}" for line in failing), ""]
    DOCS.write_text("\n".join(lines), "utf-8")


def _rows(figures: dict[str, float], pinned: dict[str, float]) -> list[str]:
    """One row for each figure; its interval's ends stand beside it."""
    ends = {f"{figure}{end}" for figure in figures for end in ("_low", "_high")}
    rows = []
    for figure in sorted(set(figures) - ends):
        low, high = figures.get(f"{figure}_low"), figures.get(f"{figure}_high")
        interval = f"{low:.4f} to {high:.4f}" if low is not None and high is not None else ""
        rows.append(f"| {figure} | {figures[figure]:.4f} | {interval} | {pinned.get(figure, '')} |")
    return rows


if __name__ == "__main__":
    sys.exit(main())
