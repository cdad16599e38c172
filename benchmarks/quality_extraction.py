"""How well the page reader finds the article: against plain trafilatura, on the same pages.

    python -m benchmarks.quality_extraction [DATA]

Full texts and paragraphs are scored by words (multiset precision, recall and F1
per page, averaged); segments by how many that must be there are, and how many
that must not be there are.
"""

from __future__ import annotations

import gzip
import json
import logging
import pathlib
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import trafilatura
from rich.console import Console
from rich.table import Table

from crawler.extract import decode, read_page
from crawler.layout import Layouts

DATA = ("extraction/index.jsonl", "extraction/html")
_WORD = re.compile(r"\w+")
_SETS = ("scrapinghub", "trafilatura", "fundus", "readability")

Reader = Callable[[str, str], str]


def ours(html: str, url: str) -> str:
    """The generic reader's text: layouts of single outlets would flatter it on their pages."""
    return read_page(html, url, layouts=Layouts()).text


def plain(html: str, url: str) -> str:
    return trafilatura.extract(html, url=url) or ""


def measure(data: pathlib.Path) -> dict[str, float]:
    """F1 per set and overall, segments kept and let in; ours beside trafilatura's."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    figures: dict[str, float] = {}
    for name, reader in (("ours", ours), ("trafilatura", plain)):
        for figure, value in _score(data / "extraction", reader).items():
            figures[f"{name}/{figure}"] = value
    figures["furniture_ratio_at_most"] = figures["ours/let_in_at_most"] / max(
        1e-9, figures["trafilatura/let_in_at_most"]
    )
    figures["f1_gain"] = figures["ours/f1"] - figures["trafilatura/f1"]
    return figures


def pages(folder: pathlib.Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Rows of the index, each with its page decoded."""
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row, decode(gzip.decompress((folder / row["file"]).read_bytes()))


def word_f1(expected: str, got: str) -> float:
    """F1 of two texts as multisets of lower-case words."""
    want, have = Counter(_WORD.findall(expected.lower())), Counter(_WORD.findall(got.lower()))
    common = (want & have).total()
    return 2 * common / max(1, want.total() + have.total())


def segment_in(segment: str, text: str) -> bool:
    """Whether a segment stands in the text, white space aside."""
    return " ".join(segment.split()) in " ".join(text.split())


def _score(folder: pathlib.Path, reader: Reader) -> dict[str, float]:
    scores: dict[str, list[float]] = {name: [] for name in _SETS}
    kept = missed = let_in = kept_out = 0
    seconds = 0.0
    for row, html in pages(folder):
        start = time.perf_counter()
        text = reader(html, row["url"])
        seconds += time.perf_counter() - start
        if row["set"] == "trafilatura":
            wanted = [segment_in(s, text) for s in row["must_include"]]
            unwanted = [segment_in(s, text) for s in row["must_exclude"]]
            kept, missed = kept + sum(wanted), missed + len(wanted) - sum(wanted)
            let_in, kept_out = let_in + sum(unwanted), kept_out + len(unwanted) - sum(unwanted)
            right = 2 * sum(wanted) / max(1, sum(wanted) + sum(unwanted) + len(wanted))
            scores["trafilatura"].append(right)
        else:
            expected = row.get("expected_text") or "\n".join(row["expected_paragraphs"])
            scores[row["set"]].append(word_f1(expected, text))
    figures = {f"f1_{name}": _mean(values) for name, values in scores.items()}
    figures["f1"] = _mean([value for values in scores.values() for value in values])
    figures["kept"] = kept / max(1, kept + missed)
    figures["let_in_at_most"] = let_in / max(1, let_in + kept_out)
    figures["cpu_seconds_per_page"] = seconds / max(1, sum(map(len, scores.values())))
    return figures


def _mean(values: list[float]) -> float:
    return sum(values) / max(1, len(values))


def main() -> None:
    """Print both readers side by side."""
    data = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    figures = measure(data)
    table = Table("figure", "ours", "trafilatura")
    for name in (name.removeprefix("ours/") for name in figures if name.startswith("ours/")):
        table.add_row(
            name, f"{figures['ours/' + name]:.4f}", f"{figures['trafilatura/' + name]:.4f}"
        )
    Console().print(table)
    Console().print(f"furniture let in, of trafilatura's: {figures['furniture_ratio_at_most']:.2f}")


if __name__ == "__main__":
    main()
