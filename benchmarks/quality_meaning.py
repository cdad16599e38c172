"""Meaning changed against the rest: the engine's answer against human labels.

    python -m benchmarks.quality_meaning [DATA]

The question is put to ``store.compare.meaning`` for each pair, as the engine does for every edit;
what a whole sentence is that came or went (34 pairs have nothing on the new side) the engine
tells by another rule.

``f1`` is that of the weights as shipped; on the data they were fitted on it flatters.
``f1_cross_validated`` fits them anew ten times and judges only documents that the fit has not
seen, and has the interval (95 %, bootstrap over documents). The baseline may look at the length
and the digits, and chooses its cut on the very data it is judged by.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from benchmarks.figures import print_figures
from benchmarks.fit_meaning import DATA as LABELS
from benchmarks.fit_meaning import THRESHOLD, Labelled, fitted
from store.compare.facts import changed_facts
from store.compare.meaning import meaning_changed
from store.compare.words import diff_words

DATA = (LABELS,)
_FOLDS = 10
_DRAWS = 1_000


def measure(data: Path) -> dict[str, float]:
    """F1 of "meaning changed": as shipped, cross-validated with its interval, and the baseline."""
    labelled = Labelled(data)
    kept_apart = _cross_validated(labelled)
    low, high = _interval(kept_apart, labelled)
    rows = [json.loads(line) for line in (data / LABELS).open(encoding="utf-8")]
    pairs = [(row["before_sent"].strip(), row["after_sent"].strip()) for row in rows]
    return {
        "meaning.f1": _f1(np.array([_shipped(*pair) for pair in pairs]), labelled.meant),
        "meaning.f1_cross_validated": _f1(kept_apart, labelled.meant),
        "meaning.f1_cross_validated_low": low,
        "meaning.f1_cross_validated_high": high,
        "meaning.baseline_f1": _baseline(pairs, labelled.meant),
    }


def failing(data: Path) -> list[str]:
    """Edits whose meaning the weights as shipped judge otherwise than people, six of each way."""
    missed: dict[bool, list[str]] = {True: [], False: []}
    for number, line in enumerate((data / LABELS).open(encoding="utf-8")):
        row = json.loads(line)
        old, new = row["before_sent"].strip(), row["after_sent"].strip()
        meant, found = row["labels"] == "meaning-changed", _shipped(old, new)
        if meant != found:
            said = "meaning-changed" if found else "the rest"
            words = diff_words(old, new)
            missed[meant].append(
                f"`{LABELS}` line {number + 1}: people say {row['labels']}, we say {said}: "
                f"“{_few(words.gone)}” became “{_few(words.come)}”"
            )
    return [*missed[True][:6], *missed[False][:6]]


def _few(text: str) -> str:
    words = text.split()
    return " ".join(words[:5]) + (" …" if len(words) > 5 else "")


def _shipped(old: str, new: str) -> bool:
    return meaning_changed(changed_facts(old, new, "en"), diff_words(old, new), "en")


def _cross_validated(labelled: Labelled) -> np.ndarray:
    """What weights fitted on the other documents say of each edit."""
    names = np.unique(labelled.documents)
    np.random.default_rng(7).shuffle(names)
    fold = {name: place % _FOLDS for place, name in enumerate(names)}
    folds = np.array([fold[name] for name in labelled.documents])
    found = labelled.certain.copy()
    for number in range(_FOLDS):
        bias, weights = fitted(
            labelled.signs[folds != number], labelled.meant[folds != number].astype(float)
        )
        apart = folds == number
        found[apart] |= bias + labelled.signs[apart] @ weights > THRESHOLD
    return found


def _interval(found: np.ndarray, labelled: Labelled) -> tuple[float, float]:
    chance = np.random.default_rng(7)
    names = np.unique(labelled.documents)
    places = [np.flatnonzero(labelled.documents == name) for name in names]
    draws = []
    for _ in range(_DRAWS):
        drawn = np.concatenate([places[i] for i in chance.integers(0, len(places), len(places))])
        draws.append(_f1(found[drawn], labelled.meant[drawn]))
    return float(np.quantile(draws, 0.025)), float(np.quantile(draws, 0.975))


def _baseline(pairs: list[tuple[str, str]], meant: np.ndarray) -> float:
    """The best that a cut on the difference in length, or any digit that differs, can do."""
    digits = np.array([_digits(old) != _digits(new) for old, new in pairs])
    sizes = np.array([abs(len(new) - len(old)) for old, new in pairs])
    return max(_f1((sizes > cut) | digits, meant) for cut in range(0, 80, 2))


def _digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def _f1(found: np.ndarray, meant: np.ndarray) -> float:
    return 2 * float((found & meant).sum()) / (float(found.sum() + meant.sum()) or 1.0)


if __name__ == "__main__":
    print_figures(measure)
