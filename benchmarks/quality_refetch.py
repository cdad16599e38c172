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
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rich.console import Console

from crawler.extract import read_page
from crawler.extract.glance import glance, learn
from crawler.extract.sketch import same_article, sketch
from crawler.sketches import Known
from store.compare import compare
from store.model import Comparison, Verdict

DATA = ("refetch/pairs.jsonl", "refetch/html")


class Seen(NamedTuple):
    """Whether a page need not be read again: by a glance at it, and by the sketch of the last."""

    at_a_glance: bool
    recognised: bool


def pairs(folder: pathlib.Path) -> Iterator[tuple[dict[str, Any], Comparison, Seen]]:
    """Each labelled pair, what the product makes of it, and whether it need not be read again."""
    with (folder / "pairs.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            first, second = (
                gzip.decompress((folder / row[side]).read_bytes()) for side in ("file_a", "file_b")
            )
            old, new = read_page(first, row["url"]), read_page(second, row["url"])
            made = sketch(first, old)
            known = Known(made, glance(first, made, learn(first, made)))
            seen = Seen(known.sees(second), same_article(made, second))
            yield row, compare(old, new), seen


def is_quiet(comparison: Comparison) -> bool:
    """Whether a comparison tells nothing."""
    return comparison.verdict is not Verdict.CHANGED and not comparison.changes


def measure(data: pathlib.Path) -> dict[str, float]:
    """Share of "none" pairs that stay quiet, and of the others that do not.

    ``recognised`` is the share of "none" pairs that need no second reading (the page's sketch
    answers), ``at_a_glance`` that of those of which a glance is enough, and
    ``recognised_wrongly_at_most`` the share of the others that either takes for them.
    """
    found = list(pairs(data / "refetch"))
    same, other = (
        [(comparison, seen) for row, comparison, seen in found if _is_none(row) is wanted]
        for wanted in (True, False)
    )
    return {
        "at_a_glance": _share(seen.at_a_glance for _, seen in same),
        "recognised": _share(seen.recognised for _, seen in same),
        "recognised_wrongly_at_most": _share(any(seen) for _, seen in other),
        "quiet": _share(is_quiet(comparison) for comparison, _ in same),
        "told": _share(not is_quiet(comparison) for comparison, _ in other),
        "pairs": float(len(found)),
    }


def _is_none(row: dict[str, Any]) -> bool:
    return bool(row["body_change"] == "none")


def _share(answers: Iterable[bool]) -> float:
    given = list(answers)
    return sum(given) / max(1, len(given))


def main() -> None:
    """Print each pair's verdict, then the figures."""
    data = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    console = Console()
    for row, comparison, _ in pairs(data / "refetch"):
        verdict = f"{comparison.verdict.value}, {len(comparison.changes)} changes"
        console.print(f"{row['id']:32} {row['body_change']:12} {verdict}")
    for name, value in measure(data).items():
        console.print(f"{name:8} {value:.3f}")


if __name__ == "__main__":
    main()
