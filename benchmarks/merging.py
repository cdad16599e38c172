"""What it costs to unite two archives, against recording what the second one saw: CPU, a ratio.

    python -m benchmarks.merging [--articles 300]

Five versions of each generated article, a page each. Split by article, as a crawl that is split
over two machines does: nothing is judged again. Split by version (each machine saw every second
one): every history is mixed, and judged again.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks import large_archive
from benchmarks.archive import _histories
from benchmarks.archive_queries import least_cpu
from benchmarks.archive_recording import BATCH, START, snapshot
from store.address import article_id
from store.archive import Archive, open_archive
from store.merging import merge
from store.model import Snapshot
from store.telling import Telling

VERSIONS = 5


def main() -> None:
    """Measure both ways of splitting and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.merging")
    parser.add_argument("--articles", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        looks = _looks(large_archive.make(folder / "made.duckdb", given.articles))
        halves = {
            "articles": lambda article, turn: article % 2,  # noqa: ARG005
            "versions": lambda article, turn: turn % 2,  # noqa: ARG005
        }
        print(f"{given.articles} articles of {VERSIONS} versions; CPU seconds")
        print(f"{'split by':12}{'merge':>8}{'recording':>11}{'ratio':>8}")
        for split, half in halves.items():
            parts = [
                [one for article, turn, one in looks if half(article, turn) == side]
                for side in (0, 1)
            ]
            united, anew = _measure(folder, split, parts)
            print(f"{split:12}{united:8.2f}{anew:11.2f}{united / anew:8.2f}")


def _looks(made: Archive) -> list[tuple[int, int, Snapshot]]:
    """All looks in the order of time: the article's place, the version's, and the look."""
    histories = _histories(made, 10**6)
    return [
        (place, turn, snapshot(article_id(one.address), one, at))
        for turn in range(VERSIONS)
        for place, one in enumerate(history[turn] for history in histories)
        for at in (START + timedelta(hours=turn, seconds=place),)
    ]


def _measure(folder: Path, split: str, parts: Sequence[Sequence[Snapshot]]) -> tuple[float, float]:
    made = [folder / f"{split}-{side}.duckdb" for side in (0, 1)]
    first, second = (open_archive(place, create=True) for place in made)
    _record(first, parts[0])
    anew = least_cpu(lambda: _record(second, parts[1]), 1)
    united = least_cpu(
        lambda: merge(first, second.path, START + timedelta(days=1), lambda _done, _known: None), 1
    )
    return united, anew


def _record(archive: Archive, looks: Sequence[Snapshot]) -> None:
    addresses = {one.document.address for one in looks if one.document}
    archive.watch_articles(sorted(addresses), acted_at=START)
    for start in range(0, len(looks), BATCH):
        archive.record(looks[start : start + BATCH], Telling())


if __name__ == "__main__":
    main()
