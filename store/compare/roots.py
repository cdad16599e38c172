"""Roots: letters that a text must hold for a cue's pattern to match at all.

Looking for a few letters costs a hundredth of what a search with the pattern costs, and
nearly every text has none of them. A root is a necessary condition: without one in the
folded text there is no match, so leaving the pattern out changes no answer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import NamedTuple

# What the patterns of cue files are made of; anything else is refused.
_TOKEN = re.compile(
    r"(?P<open>\(\?:)|(?P<other>\(\?.?)|(?P<set>\[\^?[^\]]+\])|(?P<times>[?*+]|\{\d*,?\d*\})\??"
    r"|\\(?P<sign>.)|(?P<plain>.)",
    re.DOTALL,
)
# A branch with more wordings than this is told by its parts instead.
_MOST_WORDINGS = 60
_EDGES = frozenset("bB")
_CLASSES = frozenset("sSwWdD")


class _Part(NamedTuple):
    """All wordings a part of a pattern can match, or None; and roots each match holds, or None."""

    wordings: frozenset[str] | None
    roots: frozenset[str] | None


_EMPTY = _Part(frozenset([""]), None)
_ANYTHING = _Part(None, None)


def fold(text: str) -> str:
    """A form equal for all texts that a pattern with IGNORECASE takes for one another."""
    if text.isascii():
        return text.lower()
    return text.casefold().replace("ı", "i").replace("i\u0307", "i")


def holds(folded: str, roots: Iterable[str]) -> bool:
    """Whether a folded text holds any of the roots."""
    return any(root in folded for root in roots)


def shortest(words: Iterable[str]) -> tuple[str, ...]:
    """The longest piece without blanks of each word, folded, but none that holds another."""
    pieces = {max(fold(word).split(), key=len) for word in words}
    kept: list[str] = []
    for piece in sorted(pieces, key=lambda piece: (len(piece), piece)):
        if not holds(piece, kept):
            kept.append(piece)
    return tuple(kept)


def roots_of(pattern: str) -> tuple[str, ...]:
    """The roots of a pattern over normalised text: each match, folded, holds at least one.

    Raises ValueError for a pattern without any, or with signs that cue files do not use.
    """
    tokens = list(_TOKEN.finditer(pattern))[::-1]
    part = _branches(tokens)
    if tokens or part.roots is None:
        message = f"The pattern {pattern!r} has no letters that every match must hold."
        raise ValueError(message)
    return shortest(part.roots)


def _branches(tokens: list[re.Match[str]]) -> _Part:
    parts = [_sequence(tokens)]
    while tokens and tokens[-1]["plain"] == "|":
        tokens.pop()
        parts.append(_sequence(tokens))
    wordings = [part.wordings for part in parts if part.wordings is not None]
    roots = [part.roots for part in parts if part.roots is not None]
    return _Part(
        frozenset().union(*wordings) if len(wordings) == len(parts) else None,
        frozenset().union(*roots) if len(roots) == len(parts) else None,
    )


def _sequence(tokens: list[re.Match[str]]) -> _Part:
    """Parts in a row: neighbours with few wordings are joined, the best roots are kept."""
    run, best, whole = frozenset([""]), None, True
    while tokens and tokens[-1]["plain"] not in {"|", ")"}:
        part = _repeated(_item(tokens), tokens)
        if part.wordings is not None and len(run) * len(part.wordings) <= _MOST_WORDINGS:
            run = frozenset(a + b for a, b in itertools.product(run, part.wordings))
            continue
        best, whole = _better(_better(best, _usable(run)), part.roots), False
        run = part.wordings or frozenset([""])
    return _Part(run if whole else None, _better(best, _usable(run)))


def _item(tokens: list[re.Match[str]]) -> _Part:
    token = tokens.pop()
    if token["open"]:
        part = _branches(tokens)
        tokens.pop()
        return part
    if token["other"] or token["plain"] == "(":
        message = f"Cue patterns hold plain groups only, not {token.group()!r}."
        raise ValueError(message)
    if token["set"]:
        signs = token["set"][1:-1]
        return _ANYTHING if {*signs} & {"^", "-", "\\"} else _worded(frozenset(signs))
    if token["sign"]:
        return _escaped(token["sign"])
    if token["plain"] in {"^", "$"}:
        return _EMPTY
    return _ANYTHING if token["plain"] == "." else _worded(frozenset([token.group()]))


def _escaped(sign: str) -> _Part:
    if sign in _EDGES:
        return _EMPTY
    return _ANYTHING if sign in _CLASSES else _worded(frozenset([sign]))


def _worded(wordings: frozenset[str]) -> _Part:
    return _Part(wordings, _usable(wordings))


def _repeated(part: _Part, tokens: list[re.Match[str]]) -> _Part:
    """A part with the quantifier behind it, if there is one."""
    times = tokens[-1]["times"] if tokens else None
    if not times:
        return part
    tokens.pop()
    if times == "?" and part.wordings is not None:
        return _Part(part.wordings | {""}, None)
    least_is_none = times in {"?", "*"} or times.startswith(("{0", "{,"))
    return _ANYTHING if least_is_none else _Part(None, part.roots)


def _usable(wordings: frozenset[str]) -> frozenset[str] | None:
    """Wordings as roots, where each of them has letters of its own."""
    roots = frozenset(word.strip() for word in wordings)
    return roots if roots and "" not in roots else None


def _better(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    """The roots that fewer texts hold: the longer ones."""
    if a is None or b is None:
        return a or b
    return max(a, b, key=lambda roots: (min(map(len, roots)), -len(roots)))
