"""Fit the weights of "meaning changed" and write them into store/compare/weights.toml.

    python -m benchmarks.fit_meaning [DATA]

Logistic regression with a light ridge, by Newton's method, on human labels. The signs were chosen
by the log loss of documents kept apart; the threshold is the one that suits an F1 of 0.74, as
the best cut on a probability is half of the F1 it reaches (Lipton et al. 2014).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

from store.compare.facts import changed_facts
from store.compare.meaning import signs
from store.compare.significance import CERTAIN, is_factual
from store.compare.words import diff_words

DATA = "changes/iterater_sents.jsonl"
RIDGE = 5.0
THRESHOLD = -0.5
_WEIGHTS = Path(__file__).parent.parent / "store" / "compare" / "weights.toml"
_MEANINGS = {
    "bias": "an edit of nothing",
    "threshold": "the sum above which the meaning changed",
    "words_gone": "log of 1 + words that went",
    "words_come": "log of 1 + words that came",
    "gone": "log of 1 + content words that went and have no twin among those that came",
    "only_come": "content words came and none went",
    "inserted": "log of 1 + words of the longest run put in where nothing went",
    "longer": "log of 1 + characters gained",
    "digits_come": "a number came",
    "capitals_come": "log of 1 + new capitalised words",
    "fact": "a typed fact changed",
}


class Labelled:
    """The labelled edits: their signs, what people said, and which document each stands in."""

    def __init__(self, data: Path) -> None:
        rows = [json.loads(line) for line in (data / DATA).open(encoding="utf-8")]
        pairs = [(row["before_sent"].strip(), row["after_sent"].strip()) for row in rows]
        found = [changed_facts(old, new, "en") for old, new in pairs]
        given = [
            signs(facts, diff_words(old, new), "en")
            for facts, (old, new) in zip(found, pairs, strict=True)
        ]
        self.names = tuple(given[0])
        self.signs = np.array([list(one.values()) for one in given])
        self.certain = np.array(
            [is_factual(fact for fact in facts if fact.type in CERTAIN) for facts in found]
        )
        self.meant = np.array([row["labels"] == "meaning-changed" for row in rows])
        self.documents = np.array([row["doc_id"] for row in rows])


def fitted(signs: np.ndarray, meant: np.ndarray) -> tuple[float, np.ndarray]:
    """The bias and the weight of each sign."""
    spread = signs.std(axis=0) + 1e-9
    middle = signs.mean(axis=0)
    scaled = np.hstack([np.ones((len(signs), 1)), (signs - middle) / spread])
    ridge = np.eye(scaled.shape[1]) * RIDGE
    ridge[0, 0] = 0.0
    beta = np.zeros(scaled.shape[1])
    for _ in range(25):
        chance = 1.0 / (1.0 + np.exp(-scaled @ beta))
        slope = scaled.T @ (meant - chance) - ridge @ beta
        curve = (scaled * (chance * (1.0 - chance))[:, None]).T @ scaled + ridge
        beta = beta + np.linalg.solve(curve, slope)
    weights = beta[1:] / spread
    return float(beta[0] - weights @ middle), weights


def main() -> None:
    """Fit on all labelled edits and write the table."""
    labelled = Labelled(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
    bias, weights = fitted(labelled.signs, labelled.meant.astype(float))
    values = {"bias": bias, "threshold": THRESHOLD}
    values |= dict(zip(labelled.names, map(float, weights), strict=True))
    lines = [
        f'{name} = {{ weight = {value:.3g}, meaning = "{_MEANINGS[name]}" }}'
        for name, value in values.items()
    ]
    text = _WEIGHTS.read_text("utf-8")
    head = re.split(r"(?m)^\[meaning\]$", text)[0]
    _WEIGHTS.write_text(head + "[meaning]\n" + "\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
