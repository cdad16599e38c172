"""The engine's speed as ratios against rivals and a floor, in one run.

    python -m benchmarks.speed [DATA] [--write-docs]

Invented articles of four sizes with edits planted in a share of their sentences, then real
consecutive versions of public blogs. A ratio is our CPU time over another's, each the smallest
of several repeats: under 1 we are faster. "Hashing" is SHA-256 over both texts, the floor
under anything that reads them. "Links" is ``align`` alone, what the rivals do; "alignment" also
makes the aligned pairs of its links, and everything that ``compare`` adds comes on top.
Growth is the exponent n in cost ~ size^n between 60 and 1,000 sentences.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

from benchmarks.planted import plant_article
from benchmarks.rivals import RIVALS
from store.compare import Prepared, compare, prepare, prepare_sentences
from store.compare.align import align
from store.compare.notes import find_notes
from store.compare.pairs import aligned_pairs
from store.text import document_from_text

_SIZES = (20, 60, 200, 1000)
_SHARES = (0.0, 0.03, 0.26, 0.5)
# The share at which growth is measured: that of news versions (NewsEdits, field study 1.1).
_RATE = 0.26
_RIVALS = ("redlines", "fast_diff_match_patch", "cdist_assignment", "newsedits_lexical")
_BLOGS = ("rust_blog", "nodejs_blog", "bitcoinops")
_PAIRS = 60
# Repeats of a work, and the CPU seconds after which it is not repeated again.
_REPEATS, _ENOUGH = 5, 0.4
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


def measure(data: Path) -> dict[str, float]:
    """Ratios and growth exponents; smaller is better for all."""
    figures: dict[str, float] = {}
    costs: dict[str, dict[int, float]] = {"alignment": {}, "compare": {}}
    for size, share in itertools.product(_SIZES, _SHARES):
        old, new = _pair(size, share)
        name = f"synthetic.{size}_sentences_{share:.0%}_changed"
        row = _costs(old, new)
        for rival in ("difflib", *_RIVALS):
            figures[f"{name}.links_against_{rival}"] = row["links"] / row[rival]
        figures[f"{name}.alignment_against_hashing"] = row["alignment"] / row["hashing"]
        figures[f"{name}.compare_against_hashing"] = row["compare"] / row["hashing"]
        figures[f"{name}.compare_against_alignment"] = row["compare"] / row["alignment"]
        if share == _RATE:
            costs["alignment"][size], costs["compare"][size] = row["alignment"], row["compare"]
    for work, cost in costs.items():
        figures[f"growth.{work}_60_to_1000"] = math.log(cost[1000] / cost[60], 1000 / 60)
    for blog in _BLOGS if data.is_dir() else ():
        figures |= _real(data / "revisions" / f"{blog}.jsonl", blog)
    return figures


def _costs(old: Prepared, new: Prepared) -> dict[str, float]:
    """CPU seconds of ours, of every rival and of hashing on one pair."""
    keys = old.keys, new.keys
    works: dict[str, Callable[[], object]] = {
        "links": lambda: align(*keys),
        "alignment": lambda: _aligned(old, new),
        "compare": lambda: compare(old, new),
        "hashing": lambda: (_digest(old.keys), _digest(new.keys)),
        "difflib": lambda: SequenceMatcher(None, *keys, autojunk=False).get_opcodes(),
    }
    works |= {name: partial(RIVALS[name], *keys) for name in _RIVALS}
    return {name: _cost(work) for name, work in works.items()}


def _aligned(old: Prepared, new: Prepared) -> object:
    return aligned_pairs(align(old.keys, new.keys), old.keys, new.keys)


def _real(path: Path, blog: str) -> dict[str, float]:
    """Ratios on real pairs: medians, 95th percentiles, and sums over all of them."""
    rows = [_real_costs(old, new) for old, new in _real_pairs(path)]
    aligning = sorted(row["alignment"] / row["hashing"] for row in rows)
    whole = sorted(row["compare"] / row["hashing"] for row in rows)
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    return {
        f"{blog}.alignment_against_hashing_median": statistics.median(aligning),
        f"{blog}.alignment_against_hashing_p95": aligning[int(0.95 * len(aligning))],
        f"{blog}.compare_against_hashing_median": statistics.median(whole),
        f"{blog}.compare_against_hashing_p95": whole[int(0.95 * len(whole))],
        f"{blog}.compare_against_alignment": total["compare"] / total["alignment"],
        f"{blog}.links_against_cdist_assignment": total["links"] / total["cdist"],
        f"{blog}.find_notes_against_hashing": total["notes"] / total["hashing"],
        f"{blog}.find_notes_against_prepare": total["notes"] / total["prepare"],
    }


def _real_costs(old: Prepared, new: Prepared) -> dict[str, float]:
    blocks, language = new.document.blocks, new.document.language
    works: dict[str, Callable[[], object]] = {
        "links": lambda: align(old.keys, new.keys),
        "alignment": lambda: _aligned(old, new),
        "compare": lambda: compare(old, new),
        "hashing": lambda: (_digest(old.keys), _digest(new.keys)),
        "cdist": lambda: RIVALS["cdist_assignment"](old.keys, new.keys),
        "notes": lambda: find_notes(blocks, language),
        "prepare": lambda: prepare(new.document),
    }
    return {name: _cost(work, repeats=3) for name, work in works.items()}


def _real_pairs(path: Path) -> list[tuple[Prepared, Prepared]]:
    """Consecutive versions that differ, evenly drawn from the whole file."""
    rows = (json.loads(line) for line in path.open(encoding="utf-8"))
    found = [pair for pair in _consecutive(rows) if pair[0] != pair[1]]
    drawn = found[:: max(1, len(found) // _PAIRS)][:_PAIRS]
    return [
        (prepare(document_from_text(old)), prepare(document_from_text(new))) for old, new in drawn
    ]


def _consecutive(rows: Iterator[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for before, after in itertools.pairwise(rows):
        if before["article_id"] == after["article_id"]:
            yield before["text"], after["text"]


def _pair(size: int, share: float) -> tuple[Prepared, Prepared]:
    chance = random.Random(size)
    sentences = [_sentence(chance, number) for number in range(size + 50)]
    planted = plant_article(sentences[:size], sentences[size:], size, share)
    return prepare_sentences(planted.old), prepare_sentences(planted.new)


def _sentence(chance: random.Random, number: int) -> str:
    frame = chance.choice(_FRAMES)
    words = [chance.choice(_WORDS) for _ in range(frame.count("{}"))]
    words[2] = str(number + 2)
    return frame.format(*words)


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _cost(work: Callable[[], object], repeats: int = _REPEATS) -> float:
    """The smallest CPU time of several runs, in seconds."""
    best, spent = math.inf, 0.0
    for _ in range(repeats):
        start = time.process_time()
        work()
        took = time.process_time() - start
        best, spent = min(best, took), spent + took
        if spent > _ENOUGH:
            break
    return max(best, 1e-7)
