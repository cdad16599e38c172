"""Sentence alignment against links people or readers decided, beside the published methods.

    python -m benchmarks.quality_alignment [DATA]

Links are pooled over documents; only those between sentences that differ count. News, blogs and
drafts are split by article: ours and every rival's threshold were tuned on the first half, and
the figures are of the second. Our choice of one constant (the distance, align.py) was made after
a look at the second half of the blogs; nothing else was. "changed" are the drafts with the links
as they were derived, near-total rewrites unlinked. Intervals are bootstraps over documents (95%,
400 draws, fixed seed); a gain is ours less the best rival's, on the same draws.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from benchmarks import links as gold
from benchmarks.figures import print_figures
from benchmarks.links import BLOGS, NEWS, Linked, Pairs, derived_links, draft_links, version_links
from benchmarks.planted import PlantedPair, plant_article, replace_in_place
from benchmarks.rivals import RIVALS, Rival
from store.compare.align import align
from store.sentences import sentences
from store.text import normalise

DATA = gold.DATA
_RATES = (0.05, 0.26, 0.5)
_THRESHOLDS = tuple(step / 20 for step in range(1, 20))
_DRAWS = 400
Counts: TypeAlias = tuple[int, int, int]
Aligner: TypeAlias = Callable[[Sequence[str], Sequence[str]], Iterable[tuple[int, int]]]


def measure(data: Path) -> dict[str, float]:
    """Precision, recall and F1 of changed links per set, rivals', gains, and planted articles."""
    sets = _sets(data)
    every = [one for documents in sets.values() for one in documents]
    rivals = {name: _tuned(rival, every) for name, rival in RIVALS.items()}
    figures = [_set_figures(name, documents, rivals) for name, documents in sets.items()]
    return {
        **dict(chain.from_iterable(part.items() for part in figures)),
        **_own_figures("changed", list(derived_links(data))),
        **_planted_figures(list(_articles(data))),
    }


def _sets(data: Path) -> dict[str, list[Linked]]:
    return {
        "news": list(version_links(data, NEWS)),
        "blogs": list(version_links(data, BLOGS)),
        "drafts": list(draft_links(data)),
    }


def failing(data: Path) -> list[str]:
    """Links of the second halves that ours missed or made up, one line each."""
    lines: list[str] = []
    for name, documents in _sets(data).items():
        for one in documents:
            if one.first_half:
                continue
            true, found = one.changed(one.links), one.changed(_ours(one.old, one.new))
            for what, pairs in (("missed", true - found), ("made up", found - true)):
                for i, j in sorted(pairs):
                    line = f"{name} `{one.key}`: {what} {i} → {j}: {_brief(one.old[i])}"
                    lines.append(f"{line} → {_brief(one.new[j])}")
    return lines[:12]


def _brief(text: str) -> str:
    return "“" + " ".join(text.split()[:6]) + " …”"


def _ours(old: Sequence[str], new: Sequence[str]) -> Iterable[tuple[int, int]]:
    return align(old, new).pairs


# --------------------------------------------------------------------------
# Sets with links that were read


def _set_figures(name: str, documents: list[Linked], rivals: dict[str, Rival]) -> dict[str, float]:
    first = [one for one in documents if one.first_half]
    second = [one for one in documents if not one.first_half]
    figures = {
        f"alignment.{name}_f1_first_half": _scores(_count(_ours, first))[2],
        f"alignment.{name}_split_merge_recall": _pieces_recall(second),
        **_own_figures(name, second),
    }
    ours = _count(_ours, second)
    theirs = {rival: _count(links, second) for rival, links in rivals.items()}
    for rival, counts in theirs.items():
        figures[f"alignment.{name}_f1.{rival}"] = _scores(counts)[2]
    best = max(theirs, key=lambda rival: _scores(theirs[rival])[2])
    gain = f"alignment.{name}_f1_gain"
    figures[gain] = _scores(ours)[2] - _scores(theirs[best])[2]
    figures[f"{gain}_low"], figures[f"{gain}_high"] = _interval(ours, theirs[best])
    return figures


def _own_figures(name: str, documents: list[Linked]) -> dict[str, float]:
    counts = _count(_ours, documents)
    precision, recall, f1 = _scores(counts)
    low, high = _interval(counts)
    return {
        f"alignment.{name}_precision": precision,
        f"alignment.{name}_recall": recall,
        f"alignment.{name}_f1": f1,
        f"alignment.{name}_f1_low": low,
        f"alignment.{name}_f1_high": high,
    }


def _tuned(rival: Rival, documents: Iterable[Linked]) -> Rival:
    """The rival with the threshold that serves it best on the first halves."""
    weighed = [(one, rival.weigh(one.old, one.new)) for one in documents if one.first_half]

    def f1(threshold: float) -> float:
        return _scores([_score(one, rival.choose(w, threshold)) for one, w in weighed])[2]

    return rival.at(max(_THRESHOLDS, key=f1))


def _count(aligner: Aligner, documents: Iterable[Linked]) -> list[Counts]:
    return [_score(one, aligner(one.old, one.new)) for one in documents]


def _score(one: Linked, links: Iterable[tuple[int, int]]) -> Counts:
    """Right, found and true links among those whose sentences differ."""
    found, true = one.changed(links), one.changed(one.links)
    return len(found & true), len(found), len(true)


def _scores(documents: Iterable[Counts]) -> tuple[float, float, float]:
    right, found, true = (sum(column) for column in zip(*documents, strict=True))
    return right / (found or 1), right / (true or 1), 2 * right / (found + true or 1)


def _interval(ours: list[Counts], theirs: list[Counts] | None = None) -> tuple[float, float]:
    """The bootstrap interval of our F1, or of our F1 less theirs."""
    chance = random.Random(7)
    draws: list[float] = []
    for _ in range(_DRAWS):
        places = chance.choices(range(len(ours)), k=len(ours))
        f1 = _scores(ours[place] for place in places)[2]
        draws.append(f1 - (_scores(theirs[place] for place in places)[2] if theirs else 0.0))
    draws.sort()
    return draws[_DRAWS // 40], draws[-1 - _DRAWS // 40]


def _pieces_recall(documents: Iterable[Linked]) -> float:
    """The recall of links of sentences that have several."""
    right = true = 0
    for one in documents:
        pieces = one.changed(_pieces(one.links))
        right += len(pieces & set(_ours(one.old, one.new)))
        true += len(pieces)
    return right / (true or 1)


def _pieces(links: Pairs) -> Pairs:
    olds, news = Counter(i for i, _ in links), Counter(j for _, j in links)
    return {(i, j) for i, j in links if olds[i] > 1 or news[j] > 1}


# --------------------------------------------------------------------------
# Planted articles


def _planted_figures(articles: list[tuple[str, list[str]]]) -> dict[str, float]:
    """Articles with known edits at three rates; and sentences replaced by strangers."""
    planted = [
        _linked(key, plant_article(article, articles[number - 1][1][:20], number, rate))
        for number, (key, article) in enumerate(articles)
        for rate in _RATES
    ]
    replaced = [
        _linked(key, replace_in_place(article, number))
        for number, (key, article) in enumerate(articles)
    ]
    made_up = sum(found for _, found, _ in _count(_ours, replaced))
    strangers = sum(
        old != new for one in replaced for old, new in zip(one.old, one.new, strict=True)
    )
    return {
        "alignment.planted_f1": _scores(_count(_ours, planted))[2],
        "alignment.planted_split_merge_recall": _pieces_recall(planted),
        "alignment.strangers_linked_at_most": made_up / strangers,
    }


def _linked(key: str, pair: PlantedPair) -> Linked:
    old, new = [normalise(s) for s in pair.old], [normalise(s) for s in pair.new]
    return Linked(key, old, new, pair.links, set())


def _articles(data: Path) -> Iterable[tuple[str, list[str]]]:
    """Up to 30 articles of two sets, with sentences of some length, none twice."""
    for name in ("rust_blog", "wikinews_iterater"):
        seen: set[str] = set()
        for row in gold.rows(data / f"revisions/{name}.jsonl"):
            if row["article_id"] in seen or len(seen) >= 30:
                continue
            seen.add(row["article_id"])
            blocks = row["text"].split("\n\n")
            cut = [s.strip() for block in blocks for s in sentences(block, row["lang"])]
            whole = list(dict.fromkeys(s for s in cut if len(s) > 30))
            if len(whole) > 8:
                yield row["article_id"], whole[:120]


if __name__ == "__main__":
    print_figures(measure)
