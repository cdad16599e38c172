"""The published ways to align the sentences of two versions, small and honest.

``RIVALS`` maps a name to a function ``(old sentences, new sentences) -> {(i, j), …}``. Each
weighs pairs, then chooses links above a threshold. The thresholds here are those that served
best on the first half of the human-derived drafts; a benchmark may tune them again
(``weigh`` once, ``choose`` for every threshold).
"""

from __future__ import annotations

import difflib
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import fast_diff_match_patch  # type: ignore[import-not-found, unused-ignore]
import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

Matrix = npt.NDArray[np.float64]
Pairs = set[tuple[int, int]]
Sentences = Sequence[str]


class Weights(NamedTuple):
    """How much of each old sentence each new one holds, and the reverse; both old x new, 0 to 1."""

    of_old: Matrix
    of_new: Matrix


@dataclass(frozen=True, slots=True)
class Rival:
    """A way to weigh all pairs, a way to choose among them, and the least weight of a link."""

    weigh: Callable[[Sentences, Sentences], Weights]
    choose: Callable[[Weights, float], Pairs]
    threshold: float

    def __call__(self, old: Sentences, new: Sentences) -> Pairs:
        """The links between two lists of sentences."""
        return self.choose(self.weigh(old, new), self.threshold) if old and new else set()

    def at(self, threshold: float) -> Rival:
        """The same rival with another threshold."""
        return replace(self, threshold=threshold)


# --------------------------------------------------------------------------
# Choosing links


def _assignment(weights: Weights, threshold: float) -> Pairs:
    """One to one, the largest sum (Hungarian method), anywhere in the text."""
    olds, news = linear_sum_assignment(weights.of_old, maximize=True)
    return {
        (int(i), int(j))
        for i, j in zip(olds, news, strict=True)
        if weights.of_old[i, j] > threshold
    }


def _in_order(weights: Weights, threshold: float) -> Pairs:
    """One to one, no two links crossing, the largest sum above the threshold."""
    gain = np.maximum(weights.of_old - threshold, 0.0)
    rows, columns = gain.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        # The best of skipping the old sentence or taking the pair; then of skipping new ones.
        best[i + 1, 1:] = np.maximum(best[i, 1:], best[i, :-1] + gain[i])
        best[i + 1] = np.maximum.accumulate(best[i + 1])
    links: Pairs = set()
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            links.add((i, j))
    return links


def _best_of_each(weights: Weights, threshold: float) -> Pairs:
    """Each sentence's best partner, both ways, united: how NewsEdits keeps splits and merges."""
    links: Pairs = set()
    for i, j in enumerate(weights.of_old.argmax(axis=1)):
        if weights.of_old[i, j] > threshold:
            links.add((i, int(j)))
    for j, i in enumerate(weights.of_new.argmax(axis=0)):
        if weights.of_new[i, j] > threshold:
            links.add((int(i), j))
    return links


def _every(weights: Weights, threshold: float) -> Pairs:
    """Every pair where either side holds enough of the other."""
    olds, news = np.nonzero(np.maximum(weights.of_old, weights.of_new) > threshold)
    return {(int(i), int(j)) for i, j in zip(olds, news, strict=True)}


# --------------------------------------------------------------------------
# Weighing pairs


def _ratio(old: Sentences, new: Sentences) -> Weights:
    """Share of equal characters (rapidfuzz, every pair)."""
    matrix = process.cdist(old, new, scorer=fuzz.ratio, workers=1).astype(np.float64) / 100
    return Weights(matrix, matrix)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _grams(size: int) -> Callable[[Sentences, Sentences], Weights]:
    """One-sided share of word n-grams: of one word, NewsEdits' lexical matcher."""

    def weigh(old: Sentences, new: Sentences) -> Weights:
        olds, news = _counts(old, size), _counts(new, size)
        shared = [[(a & b).total() if a.keys() & b.keys() else 0 for b in news] for a in olds]
        matrix = np.array(shared, np.float64).reshape(len(old), len(new))
        old_sizes = np.array([max(a.total(), 1) for a in olds])
        new_sizes = np.array([max(b.total(), 1) for b in news])
        return Weights(matrix / old_sizes[:, None], matrix / new_sizes[None, :])

    return weigh


def _counts(texts: Sentences, size: int) -> list[Counter[tuple[str, ...]]]:
    counts = []
    for text in texts:
        words = _words(text)
        counts.append(Counter(zip(*(words[at:] for at in range(size)), strict=False)))
    return counts


def _bleu(old: Sentences, new: Sentences) -> Weights:
    """BLEU of one and two words, one-sided, without a penalty for length."""
    one, two = _grams(1)(old, new), _grams(2)(old, new)
    return Weights(np.sqrt(one.of_old * two.of_old), np.sqrt(one.of_new * two.of_new))


def _tf_idf(old: Sentences, new: Sentences) -> Weights:
    """Cosine of word counts, rare words weighing more."""
    texts = [Counter(_words(text)) for text in (*old, *new)]
    seen = Counter(word for words in texts for word in words)
    columns = {word: at for at, word in enumerate(seen)}
    vectors = np.zeros((len(texts), max(1, len(columns))))
    for row, words in enumerate(texts):
        for word, count in words.items():
            vectors[row, columns[word]] = count * math.log((1 + len(texts)) / seen[word])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths, lengths, 1.0)
    matrix = np.clip(vectors[: len(old)] @ vectors[len(old) :].T, 0.0, 1.0)
    return Weights(matrix, matrix)


def _word_diff(old: Sentences, new: Sentences) -> Weights:
    """One difflib run over the words of both texts, as redlines does."""
    old_words = [(word, i) for i, text in enumerate(old) for word in text.split()]
    new_words = [(word, j) for j, text in enumerate(new) for word in text.split()]
    matcher = difflib.SequenceMatcher(
        None, [word for word, _ in old_words], [word for word, _ in new_words], autojunk=False
    )
    kept = (
        (old_words[block.a + at][1], new_words[block.b + at][1], len(new_words[block.b + at][0]))
        for block in matcher.get_matching_blocks()
        for at in range(block.size)
    )
    sizes = [[sum(map(len, text.split())) for text in side] for side in (old, new)]
    return _shares(kept, sizes[0], sizes[1])


def _character_diff(old: Sentences, new: Sentences) -> Weights:
    """One run of fast-diff-match-patch over the characters of both texts."""
    runs = fast_diff_match_patch.diff(
        "\n".join(old), "\n".join(new), timelimit=0, cleanup="No", counts_only=True
    )
    old_homes, new_homes = _homes(old), _homes(new)
    kept: list[tuple[int, int, int]] = []
    old_at = new_at = 0
    for sign, size in runs:
        if sign == "=":
            homes = zip(
                old_homes[old_at : old_at + size], new_homes[new_at : new_at + size], strict=True
            )
            kept.extend((i, j, len(list(same))) for (i, j), same in itertools.groupby(homes))
        old_at += size if sign in "=-" else 0
        new_at += size if sign in "=+" else 0
    return _shares(kept, [len(text) + 1 for text in old], [len(text) + 1 for text in new])


def _homes(texts: Sentences) -> list[int]:
    """The sentence every character stands in; a line feed belongs to the one before it."""
    return [place for place, text in enumerate(texts) for _ in range(len(text) + 1)][:-1]


def _shares(
    kept: Iterable[tuple[int, int, int]], old_sizes: list[int], new_sizes: list[int]
) -> Weights:
    matrix = np.zeros((len(old_sizes), len(new_sizes)))
    for i, j, size in kept:
        matrix[i, j] += size
    return Weights(
        matrix / np.maximum(old_sizes, 1)[:, None], matrix / np.maximum(new_sizes, 1)[None, :]
    )


def _ndiff(old: Sentences, new: Sentences) -> Weights:
    """difflib.ndiff over sentences: what it shows as equal, or as one line that was edited."""
    matrix = np.zeros((len(old), len(new)))
    signs = "".join(line[0] for line in difflib.ndiff(list(old), list(new)))
    i = j = 0
    for at, sign in enumerate(signs):
        # An edited pair is shown as both lines with marks under at least one of them.
        if sign == " " or (sign == "-" and signs[at + 1 : at + 3] in {"?+", "+?"}):
            matrix[i, j] = 1.0
        i += sign in " -"
        j += sign in " +"
    return Weights(matrix, matrix)


# Thresholds: the best changed-link F1 on the first half of the human-derived drafts.
RIVALS: dict[str, Rival] = {
    "ndiff": Rival(_ndiff, _every, 0.5),
    "cdist_assignment": Rival(_ratio, _assignment, 0.6),
    "cdist_in_order": Rival(_ratio, _in_order, 0.6),
    "tf_idf_in_order": Rival(_tf_idf, _in_order, 0.25),
    "tf_idf_assignment": Rival(_tf_idf, _assignment, 0.25),
    "newsedits_lexical": Rival(_grams(1), _best_of_each, 0.55),
    "bigrams": Rival(_grams(2), _best_of_each, 0.35),
    "bleu_2": Rival(_bleu, _best_of_each, 0.45),
    "redlines": Rival(_word_diff, _every, 0.35),
    "fast_diff_match_patch": Rival(_character_diff, _every, 0.65),
}
