"""Roots: letters that a text must hold for a cue's pattern to match at all.

Looking for a few letters costs a hundredth of what a search with the pattern costs, and
nearly every text has none of them. A pattern has groups of roots, one for each of its parts
with letters of its own. One root of every group is a necessary condition: without it in the
folded text there is no match, so leaving the pattern out changes no answer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

# What the patterns of cue files are made of; anything else is refused.
_TOKEN = re.compile(
    r"(?P<open>\(\?:)|(?P<other>\(\?.?)|(?P<set>\[\^?[^\]]+\])|(?P<times>[?*+]|\{\d*,?\d*\})\??"
    r"|\\(?P<sign>.)|(?P<plain>.)",
    re.DOTALL,
)
# A branch with more wordings than this is told by its parts instead.
_MOST_WORDINGS = 60
# More groups than this tell little more.
_MOST_GROUPS = 3
_SHORT_ROOT = 2
_EDGES = frozenset("bB")
_CLASSES = frozenset("sSwWdD")


_Groups: TypeAlias = tuple[frozenset[str], ...]


class _Part(NamedTuple):
    """All wordings a part of a pattern can match, or None; and the groups of its roots."""

    wordings: frozenset[str] | None
    groups: _Groups


_EMPTY = _Part(frozenset([""]), ())
_ANYTHING = _Part(None, ())


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


def roots_of(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The groups of roots of a pattern: each match, folded, holds a root of every group.

    Raises ValueError for a pattern without any, or with signs that cue files do not use.
    """
    tokens = list(_TOKEN.finditer(pattern))[::-1]
    part = _branches(tokens)
    if tokens or not part.groups:
        message = f"The pattern {pattern!r} has no letters that every match must hold."
        raise ValueError(message)
    groups = sorted({shortest(group) for group in part.groups}, key=_rarity, reverse=True)
    telling = [group for group in groups if all(map(_tells, group))]
    return tuple((telling or groups[:1])[:_MOST_GROUPS])


def _tells(root: str) -> bool:
    """Whether letters are few words' own: a short run of an alphabet is in most texts."""
    return len(root) > _SHORT_ROOT or root[0] > "\u2fff"


def _rarity(roots: Iterable[str]) -> tuple[int, int]:
    """How few texts hold one of the roots: longer and fewer ones are rarer."""
    listed = list(roots)
    return min(map(len, listed)), -len(listed)


def _branches(tokens: list[re.Match[str]]) -> _Part:
    parts = [_sequence(tokens)]
    while tokens and tokens[-1]["plain"] == "|":
        tokens.pop()
        parts.append(_sequence(tokens))
    if len(parts) == 1:
        return parts[0]
    wordings = [part.wordings for part in parts if part.wordings is not None]
    best = [max(part.groups, key=_rarity) for part in parts if part.groups]
    return _Part(
        frozenset().union(*wordings) if len(wordings) == len(parts) else None,
        (frozenset().union(*best),) if len(best) == len(parts) else (),
    )


def _sequence(tokens: list[re.Match[str]]) -> _Part:
    """Parts in a row: neighbours with few wordings are joined, every part's groups are kept."""
    run, whole = frozenset([""]), True
    groups: _Groups = ()
    while tokens and tokens[-1]["plain"] not in {"|", ")"}:
        part = _repeated(_item(tokens), tokens)
        if part.wordings is not None and len(run) * len(part.wordings) <= _MOST_WORDINGS:
            run = frozenset(a + b for a, b in itertools.product(run, part.wordings))
            continue
        groups, whole = (*groups, *_usable(run), *part.groups), False
        run = part.wordings or frozenset([""])
    return _Part(run if whole else None, (*groups, *_usable(run)))


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
        return _Part(part.wordings | {""}, ())
    least_is_none = times in {"?", "*"} or times.startswith(("{0", "{,"))
    return _ANYTHING if least_is_none else _Part(None, part.groups)


def _usable(wordings: frozenset[str]) -> _Groups:
    """Wordings as a group of roots, where each of them has letters of its own."""
    roots = frozenset(word.strip() for word in wordings)
    return (roots,) if roots and "" not in roots else ()
