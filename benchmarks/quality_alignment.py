"""Sentence alignment: changed-link F1 on human-derived links and on planted articles.

    python -m benchmarks.quality_alignment [DATA]

Links are pooled over documents; only links between sentences that differ are "changed".
The interval is a bootstrap over documents (95%, 400 draws, fixed seed).
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.planted import plant_article
from store.compare.align import align
from store.text import normalise, sentences

DATA = (
    "alignments/iterater_derived.jsonl",
    "revisions/rust_blog.jsonl",
    "revisions/wikinews_iterater.jsonl",
)
_RATES = (0.05, 0.26, 0.5)
Counts = tuple[int, int, int]


def measure(data: Path) -> dict[str, float]:
    """Precision, recall and F1 of changed links, with the interval's ends, and planted F1."""
    documents = list(_gold(data / DATA[0]))
    low, high = _interval(documents)
    precision, recall, f1 = _scores(documents)
    planted, pieces = _planted(data)
    return {
        "alignment.changed_precision": precision,
        "alignment.changed_recall": recall,
        "alignment.changed_f1": f1,
        "alignment.changed_f1_low": low,
        "alignment.changed_f1_high": high,
        "alignment.planted_f1": _scores(planted)[2],
        "alignment.planted_split_merge_recall": pieces,
    }


def _gold(path: Path) -> Iterable[Counts]:
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        old, new = [normalise(s) for s in row["old"]], [normalise(s) for s in row["new"]]
        yield _counts(old, new, {(i, j) for i, j in row["links"]})


def _counts(old: list[str], new: list[str], gold: set[tuple[int, int]]) -> Counts:
    """Right, found and true links among those whose sentences differ."""
    found = {(i, j) for i, j in align(old, new).pairs if old[i] != new[j]}
    true = {(i, j) for i, j in gold if old[i] != new[j]}
    return len(found & true), len(found), len(true)


def _scores(documents: list[Counts]) -> tuple[float, float, float]:
    right, found, true = (sum(column) for column in zip(*documents, strict=True))
    return right / (found or 1), right / (true or 1), 2 * right / (found + true or 1)


def _interval(documents: list[Counts]) -> tuple[float, float]:
    chance = random.Random(7)
    draws = sorted(_scores(chance.choices(documents, k=len(documents)))[2] for _ in range(400))
    return draws[10], draws[389]


def _planted(data: Path) -> tuple[list[Counts], float]:
    """Planted articles at three rates, and the recall of links of split and merged sentences."""
    articles = list(_articles(data))
    documents: list[Counts] = []
    right, true = 0, 0
    for number, article in enumerate(articles):
        others = articles[number - 1][:20]
        for rate in _RATES:
            pair = plant_article(article, others, number, rate)
            old, new = [normalise(s) for s in pair.old], [normalise(s) for s in pair.new]
            documents.append(_counts(old, new, pair.links))
            pieces = _pieces(pair.links)
            found = set(align(old, new).pairs)
            right, true = right + len(pieces & found), true + len(pieces)
    return documents, right / (true or 1)


def _pieces(links: set[tuple[int, int]]) -> set[tuple[int, int]]:
    olds, news = [i for i, _ in links], [j for _, j in links]
    return {(i, j) for i, j in links if olds.count(i) > 1 or news.count(j) > 1}


def _articles(data: Path) -> Iterable[list[str]]:
    for name in DATA[1:]:
        seen: set[str] = set()
        for line in (data / name).open(encoding="utf-8"):
            row = json.loads(line)
            if row["article_id"] in seen or len(seen) >= 30:
                continue
            seen.add(row["article_id"])
            blocks = row["text"].split("\n\n")
            cut = [s.strip() for block in blocks for s in sentences(block, row["lang"])]
            whole = list(dict.fromkeys(s for s in cut if len(s) > 30))
            if len(whole) > 8:
                yield whole[:120]


def main() -> None:
    """Print the figures as a table."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    for name, value in measure(data).items():
        print(f"{name:<45}{value:>9.4f}")


if __name__ == "__main__":
    main()
