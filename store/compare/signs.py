"""Signs of notes: which cues a text has the letters for, told from its words alone.

Nearly every block of every article has too few of them, so reading it as a note is spared.
Each group of roots is one bit; what a word has the letters for is kept, because texts share
most of their words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from store.compare.cue_files import cue_file, cues_of
from store.compare.roots import fold, roots_of
from store.text import normalise

# Evidence that makes a note. Label words and full phrases carry 0.6 alone, words that need
# company carry 0.3 (field study of newsroom notes, step 10).
ACCEPT = 0.6
# Longer words are rarely words: they are not remembered, and searched as texts.
_KEPT_WORD = 40
# Roots are looked up by so many of their first letters.
_KEY = 3
_LABEL = 1


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """One language's roots and the bits they set; the bits that each phrase needs, all of them.

    ``roots`` are listed by their first letters, ``lengths`` says how many of those there can be.
    The first bit stands for any label; the roots of labels begin a word.
    """

    roots: dict[str, list[tuple[str, int, bool]]]
    lengths: tuple[int, ...]
    needed: tuple[int, ...]
    weights: tuple[float, ...]


@lru_cache(maxsize=64)
def signs_of(language: str) -> Signs:
    """One language's signs. Raises FileNotFoundError where it has no cues."""
    rows = cue_file(language).get("phrase", [])
    groups = [roots_of(row["pattern"]) for row in rows]
    bits = {group: 2 << place for place, group in enumerate(dict.fromkeys(sum(groups, ())))}
    roots: dict[tuple[str, bool], int] = {
        (root, True): _LABEL for root in _beginnings(cues_of(language).labels)
    }
    for group, bit in bits.items():
        for root in group:
            roots[root, False] = roots.get((root, False), 0) | bit
    listed: dict[str, list[tuple[str, int, bool]]] = {}
    for (root, begins), bit in roots.items():
        listed.setdefault(root[:_KEY], []).append((root, bit, begins))
    return Signs(
        roots=listed,
        lengths=tuple(sorted({*map(len, listed)})),
        needed=tuple(reduce(or_, map(bits.__getitem__, needed)) for needed in groups),
        weights=tuple(row["weight"] for row in rows),
    )


def _beginnings(labels: Iterable[str]) -> list[str]:
    """The longest word of each label, folded, but none that begins with another."""
    kept: list[str] = []
    for word in sorted(max(fold(label).split(), key=len) for label in labels):
        if not kept or not word.startswith(kept[-1]):
            kept.append(word)
    return kept


def signs_in(words: Iterable[str], language: str) -> int:
    """The bits that any of the words set."""
    signs = signs_of(language)
    found = 0
    for word in words:
        found |= _bits(word, signs) if len(word) <= _KEPT_WORD else _bits_of_run(word, signs)
    return found


@lru_cache(maxsize=1 << 17)
def _bits(word: str, signs: Signs) -> int:
    folded = word.lower() if word.isalpha() and word.isascii() else fold(normalise(word))
    found = 0
    for length in signs.lengths:
        for start in range(len(folded) - length + 1):
            for root, bit, begins in signs.roots.get(folded[start : start + length], ()):
                inner = begins and start and folded[start - 1].isalnum()
                if not inner and folded.startswith(root, start):
                    found |= bit
    return found


def _bits_of_run(run: str, signs: Signs) -> int:
    """The bits of a text without blanks, which may be long."""
    folded = fold(normalise(run))
    listed = (one for roots in signs.roots.values() for one in roots)
    return reduce(or_, (bit for root, bit, _ in listed if root in folded), 0)


def phrases_able(found: int, language: str) -> list[int]:
    """The places of the phrases whose every group of roots is among the bits."""
    needed = signs_of(language).needed
    return [place for place, bits in enumerate(needed) if bits & found == bits]


def label_able(found: int) -> bool:
    """Whether the bits hold that of a label."""
    return bool(found & _LABEL)


@lru_cache(maxsize=1 << 14)
def may_add_up(found: int, language: str) -> bool:
    """Whether the cues that the bits allow could make a note."""
    weights = signs_of(language).weights
    able = sum(weights[place] for place in phrases_able(found, language))
    return label_able(found) or round(able, 3) >= ACCEPT


def blocks_with_signs(texts: Sequence[str], languages: tuple[str, ...]) -> list[int]:
    """The places of the texts that have the letters for a note in any of the languages."""
    words = [text.split() for text in texts]
    every = set().union(*words)
    runs = [word for word in every if len(word) > _KEPT_WORD]
    every.difference_update(runs)
    found: set[int] = set()
    for language in languages:
        signs = signs_of(language)
        speaking = {word: bits for word in every if (bits := _bits(word, signs))}
        speaking |= {run: _bits_of_run(run, signs) for run in runs}
        if not may_add_up(reduce(or_, speaking.values(), 0), language):
            continue
        for place, listed in enumerate(words):
            bits = reduce(or_, (speaking[word] for word in listed if word in speaking), 0)
            if bits and may_add_up(bits, language):
                found.add(place)
    return sorted(found)
