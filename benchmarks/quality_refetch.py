"""One address fetched twice: where people saw no change in the article, none may be told.

    python -m benchmarks.quality_refetch [DATA]

Every pair labelled "none" must compare as unchanged or cosmetic with no change at
all; pairs labelled "substantive" must show one.
"""

from __future__ import annotations

import gzip
import json
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from crawler.extract import read_page
from crawler.extract.sketch import same_article, sketch
from store.compare import compare
from store.model import Comparison, Verdict

DATA = ("refetch/pairs.jsonl", "refetch/html")


def comparisons(folder: pathlib.Path) -> Iterator[tuple[dict[str, Any], Comparison]]:
    """Each labelled pair, with what the product makes of it."""
    with (folder / "pairs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            old, new = (
                read_page(gzip.decompress((folder / row[side]).read_bytes()), row["url"])
                for side in ("file_a", "file_b")
            )
            yield row, compare(old, new)


def is_quiet(comparison: Comparison) -> bool:
    """Whether a comparison tells nothing."""
    return comparison.verdict is not Verdict.CHANGED and not comparison.changes


def recognitions(folder: pathlib.Path) -> Iterator[tuple[bool, bool]]:
    """Of each pair, whether its article is the same, and whether the sketch recognises it."""
    with (folder / "pairs.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            old, new = (
                gzip.decompress((folder / row[side]).read_bytes()) for side in ("file_a", "file_b")
            )
            known = sketch(old, read_page(old, row["url"]))
            yield row["body_change"] == "none", same_article(known, new)


def measure(data: pathlib.Path) -> dict[str, float]:
    """Share of "none" pairs that stay quiet, and of the others that do not.

    ``recognised`` is the share of "none" pairs that need no second reading (the page's sketch
    answers), ``recognised_wrongly_at_most`` that of the others.
    """
    quiet: list[bool] = []
    told: list[bool] = []
    for row, comparison in comparisons(data / "refetch"):
        if row["body_change"] == "none":
            quiet.append(is_quiet(comparison))
        else:
            told.append(not is_quiet(comparison))
    seen = list(recognitions(data / "refetch"))
    same, other = (
        [found for is_same, found in seen if is_same is wanted] for wanted in (True, False)
    )
    return {
        "recognised": sum(same) / max(1, len(same)),
        "recognised_wrongly_at_most": sum(other) / max(1, len(other)),
        "quiet": sum(quiet) / max(1, len(quiet)),
        "told": sum(told) / max(1, len(told)),
        "pairs": float(len(quiet) + len(told)),
    }


def main() -> None:
    """Print each pair's verdict, then the figures."""
    data = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    console = Console()
    for row, comparison in comparisons(data / "refetch"):
        verdict = f"{comparison.verdict.value}, {len(comparison.changes)} changes"
        console.print(f"{row['id']:32} {row['body_change']:12} {verdict}")
    for name, value in measure(data).items():
        console.print(f"{name:8} {value:.3f}")


if __name__ == "__main__":
    main()
