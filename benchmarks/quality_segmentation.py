"""Sentence boundaries: ours and two kept libraries on hard passages in 26 languages.

    python -m benchmarks.quality_segmentation

The passages stand in ``segmentation/*.toml``, written for this project: ``seen`` while the
rules were made, ``kept`` after them (what the rules got wrong there was repaired later; the
decision record 0013 has the figures before). A figure is the F1 of the boundaries inside the
passages, from 0 to 1; a boundary is told by the letters before it, so white space is no matter.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import blingfire  # type: ignore[import-untyped, unused-ignore]
import sentencex  # type: ignore[import-untyped, unused-ignore]

from store.sentences import sentences

DATA: tuple[str, ...] = ()
PASSAGES = Path(__file__).parent / "segmentation"
# Stands in a passage where a sentence ends and the next begins.
_CUT = "¦"
_RESAMPLES = 500


class Counts(NamedTuple):
    """Boundaries found, found wrongly, and missed, of one passage."""

    right: int
    wrong: int
    missed: int


def _sentencex(text: str, language: str) -> list[str]:
    return list(sentencex.segment(language, text))


def _blingfire(text: str, _: str) -> list[str]:
    return str(blingfire.text_to_sentences(text)).split("\n")


SPLITTERS: dict[str, Callable[[str, str], list[str]]] = {
    "ours": sentences,
    "sentencex": _sentencex,
    "blingfire": _blingfire,
}


def measure(_: Path) -> dict[str, float]:
    """Boundary F1, pooled with its interval over passages, and per language beside a rival's."""
    counted = {name: _counted(split) for name, split in SPLITTERS.items()}
    figures: dict[str, float] = {}
    for name, by_language in counted.items():
        pooled = [counts for passages in by_language.values() for counts in passages]
        figure = "segmentation.f1" if name == "ours" else f"segmentation.f1.{name}"
        figures |= {figure: f1(pooled), **_interval(figure, pooled)}
    for language, passages in counted["ours"].items():
        rivals = [f1(counted[name][language]) for name in SPLITTERS if name != "ours"]
        figures[f"segmentation.{language}"] = f1(passages)
        figures[f"segmentation.{language}.best_rival"] = max(rivals)
    return figures


def failing(_: Path) -> list[str]:
    """The passages that ours cuts otherwise, as it cuts them."""
    return [
        f"{language}: {_CUT.join(pieces)} (wanted: {passage})"
        for language, passage in _passages()
        if boundaries(pieces := sentences(passage.replace(_CUT, ""), language))
        != boundaries(passage.split(_CUT))
    ]


def boundaries(pieces: list[str]) -> set[int]:
    """Where the pieces but the last end, in letters and signs from the beginning."""
    ends, at = set(), 0
    for piece in pieces[:-1]:
        at += len("".join(piece.split()))
        ends.add(at)
    return ends


def f1(passages: list[Counts]) -> float:
    """The F1 of all boundaries together; 1 where there are none."""
    right, wrong, missed = map(sum, zip(*passages, strict=True))
    return 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 1.0


def _counted(split: Callable[[str, str], list[str]]) -> dict[str, list[Counts]]:
    counted: dict[str, list[Counts]] = {}
    for language, passage in _passages():
        wanted = boundaries(passage.split(_CUT))
        found = boundaries(split(passage.replace(_CUT, ""), language))
        counts = Counts(len(found & wanted), len(found - wanted), len(wanted - found))
        counted.setdefault(language, []).append(counts)
    return counted


def _passages() -> Iterator[tuple[str, str]]:
    for file in sorted(PASSAGES.glob("*.toml")):
        lists = tomllib.loads(file.read_text("utf-8"))
        for passage in (*lists["seen"], *lists["kept"]):
            yield file.stem, passage


def _interval(figure: str, passages: list[Counts]) -> dict[str, float]:
    """The 95 % interval of the F1 by drawing passages anew."""
    chance = random.Random(12)
    drawn = sorted(f1(chance.choices(passages, k=len(passages))) for _ in range(_RESAMPLES))
    edge = _RESAMPLES // 40
    return {f"{figure}_low": drawn[edge], f"{figure}_high": drawn[-edge - 1]}


def main() -> None:
    """Print the figures as a table."""
    for name, value in measure(Path()).items():
        print(f"{name:<45}{value:>9.4f}")
    print(*failing(Path()), sep="\n")


if __name__ == "__main__":
    main()
