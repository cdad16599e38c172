"""The NewsEdits 2.0 family of a change: factual, stylistic or narrative; and its finer label.

The labels are those of Spangher et al. 2024 (arXiv 2411.18811) that a rule can decide (field
study, 4.3). Background against analysis is not among them: an addition that no rule decides has
a family and no label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from store.compare.meaning import meaning_changed
from store.compare.significance import NOTE_KINDS, VALUES, is_factual
from store.compare.words import WordDiff
from store.model import ChangeKind, FactChange

FACTUAL_FAMILY, NARRATIVE, STYLISTIC = "factual", "narrative", "stylistic"
_SOURCED = re.compile(r'["“„«0-9]')
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{12,}[\"”“»]")
_STATED = frozenset({ChangeKind.ADDED, ChangeKind.REMOVED})
_MOVES = frozenset({ChangeKind.MOVED, ChangeKind.MOVED_EDITED})
_QUOTES = {ChangeKind.ADDED: "Quote Addition", ChangeKind.REMOVED: "Delete Quote"}
# Values and states that moved on; another name or a denial may be a correction as well.
_EVENTS = VALUES - {"name"} | {"status"}
# Letters that may differ in a slip of the pen (field study, 4.2).
_SLIP, _LONG_WORD = 2, 5


def family_of(
    kind: ChangeKind, facts: Sequence[FactChange], words: WordDiff, language: str | None
) -> str:
    """The family of a change, from its kind, its facts and the words that differ."""
    if kind in NOTE_KINDS or is_factual(facts):
        return FACTUAL_FAMILY
    if kind is ChangeKind.MOVED:
        return STYLISTIC
    if kind in _STATED:
        return FACTUAL_FAMILY if _SOURCED.search(words.new or words.old) else NARRATIVE
    if not meaning_changed(facts, words, language):
        return STYLISTIC
    told = any(fact.type != "name_spelling" for fact in facts)
    return FACTUAL_FAMILY if told else NARRATIVE


def intention_of(
    kind: ChangeKind,
    facts: Sequence[FactChange],
    words: WordDiff,
    *,
    family: str,
    way: str | None,
    corrected: bool,
) -> str | None:
    """The finer label of a change, or None where no rule decides it.

    ``way`` is the direction of a move, ``corrected`` says that a correction is or admits it.
    """
    if corrected:
        return "Correction"
    if kind in _MOVES and way:
        return "Emphasize Importance" if way == "up" else "De-emphasize Importance"
    if kind in _STATED:
        held = _QUOTED.search(words.new or words.old)
        return _QUOTES[kind] if held else None
    if family == STYLISTIC:
        spelled = any(fact.type == "name_spelling" for fact in facts)
        return "Syntax Correction" if spelled or is_slip(words) else None
    return next((label for fact in facts if (label := _label_of(fact))), None)


def _label_of(fact: FactChange) -> str | None:
    if fact.type in {"quote", "speaker"}:
        return _quote_label(fact)
    if fact.type == "attribution" and fact.new and not fact.old:
        return "Additional Sourcing"
    if fact.type == "allegation":
        return "Sensitivity Consideration"
    both = fact.old is not None and fact.new is not None
    return "Event Update" if both and (fact.type in _EVENTS) else None


def _quote_label(fact: FactChange) -> str:
    if fact.old and fact.new:
        return "Quote Update"
    return "Quote Addition" if fact.new else "Delete Quote"


def is_slip(words: WordDiff, least: int = 3) -> bool:
    """Whether an edit mends spelling or punctuation only: a letter or two of a word differ.

    Words shorter than ``least`` letters are too different for that ("no", "now").
    """
    gone, come = words.gone.strip(), words.come.strip()
    if not any(map(str.isalnum, gone + come)):
        return bool(words.blocks)
    if len(words.blocks) != 1 or min(len(gone), len(come)) < least or " " in gone + come:
        return False
    most = _SLIP if min(len(gone), len(come)) >= _LONG_WORD else 1
    return OSA.distance(gone.lower(), come.lower(), score_cutoff=most) <= most
