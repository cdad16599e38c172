"""The engine's speed as ratios against rivals, in one run.

    python -m benchmarks.speed_compare

Articles are invented; edits are planted at the rates published for news. A ratio is our CPU
time over the rival's, each the smallest of several repeats: under 1 we are faster. Growth is
the exponent n in cost ~ size^n between 60 and 1,000 sentences.
"""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.planted import plant_article
from store.compare import Prepared, compare, prepare_sentences
from store.compare.align import align

_SIZES = (20, 60, 200, 1000)
_RATE = 0.26
_REPEATS = 5
_WORDS = str.split(
    "harbour ferry council storm bridge mayor police court budget river school market winter "
    "doctors strike union hospital airport railway festival island farmers factory election "
    "minister parliament lawyer witness driver captain engine village festival museum library "
    "concert stadium coach player record season tunnel motorway reservoir forest wildfire flood"
)
_FRAMES = (
    "The {} {} said on Monday that {} people would use the {} near the {} before the {} ends.",
    "A {} at the {} was closed after {} reports of a {} reached the {} and its {}.",
    "Nobody expected the {} to vote against the {}, which cost {} million and needs a {} {} {}.",
    "“We will keep the {} open,” the {} told {} visitors, pointing at the {} of the old {} {}.",
)


def measure() -> dict[str, float]:
    """Ratios and growth exponents; smaller is better for all."""
    figures: dict[str, float] = {}
    ours: dict[int, float] = {}
    for size in _SIZES:
        old, new = _pair(size)
        ours[size] = _cost(lambda o=old, n=new: align(o.keys, n.keys))
        figures[f"align.{size}_against_difflib"] = ours[size] / _cost(
            lambda o=old, n=new: SequenceMatcher(None, o.keys, n.keys, autojunk=False).get_opcodes()
        )
        figures[f"align.{size}_against_assignment"] = ours[size] / _cost(
            lambda o=old, n=new: _assignment(o.keys, n.keys), repeats=2
        )
        hashing = _cost(lambda o=old, n=new: (_digest(o.keys), _digest(n.keys)))
        figures[f"compare.{size}_identical_against_hashing"] = (
            _cost(lambda o=old: compare(o, o)) / hashing
        )
        whole = _cost(lambda o=old, n=new: compare(o, n))
        figures[f"compare.{size}_whole_against_align"] = whole / ours[size]
    figures["align.growth_60_to_1000"] = math.log(ours[1000] / ours[60]) / math.log(1000 / 60)
    return figures


def _pair(size: int) -> tuple[Prepared, Prepared]:
    chance = random.Random(size)
    sentences = [_sentence(chance, number) for number in range(size + 50)]
    planted = plant_article(sentences[:size], sentences[size:], size, _RATE)
    return prepare_sentences(planted.old), prepare_sentences(planted.new)


def _sentence(chance: random.Random, number: int) -> str:
    frame = chance.choice(_FRAMES)
    words = [chance.choice(_WORDS) for _ in range(frame.count("{}"))]
    words[2] = str(number + 2)
    return frame.format(*words)


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _assignment(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The rival: every pair's character ratio, then a greedy assignment, best pairs first."""
    scores = process.cdist(old, new, scorer=fuzz.ratio, score_cutoff=40, workers=1)
    links: list[tuple[int, int]] = []
    used_old, used_new = set[int](), set[int]()
    for flat in np.argsort(-scores, axis=None):
        i, j = divmod(int(flat), len(new))
        if scores[i, j] < 1:
            break
        if i not in used_old and j not in used_new:
            links.append((i, j))
            used_old.add(i)
            used_new.add(j)
    return links


def _cost(work: Callable[[], object], repeats: int = _REPEATS) -> float:
    """The smallest CPU time of several runs, in seconds."""
    best = math.inf
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return max(best, 1e-7)


def main() -> None:
    """Print the ratios as a table."""
    for name, value in measure().items():
        print(f"{name:<45}{value:>9.3f}")


if __name__ == "__main__":
    main()
