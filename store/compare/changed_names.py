"""Names that changed: spelled anew, or another name in the same place."""

from __future__ import annotations

from collections.abc import Callable

from store.compare.lexicon import Lexicon
from store.compare.names import Name, is_same, is_spelling, names_of
from store.compare.slots import is_slot, overlaps
from store.compare.words import Block, WordDiff
from store.model import FactChange


def changed_names(
    diff: WordDiff, words: Lexicon, is_name: Callable[[str], bool]
) -> list[FactChange]:
    """Names that others took the place of.

    ``is_name`` says whether the article elsewhere writes a word as a name; it is asked about
    words that open a sentence, whose capital may mean nothing.
    """
    olds, news = names_of(diff.old, words), names_of(diff.new, words)
    old_values, new_values = {n.value for n in olds}, {n.value for n in news}
    changes: list[FactChange] = []
    for block in diff.blocks:
        gone = [n for n in olds if overlaps(n.start, n.end, block, 0)]
        come = [n for n in news if overlaps(n.start, n.end, block, 2)]
        gone = [n for n in gone if not _stands(n, new_values)]
        come = [n for n in come if not _stands(n, old_values)]
        for a, b in zip(gone, come, strict=False):
            weak = (a.weak and not is_name(a.text)), (b.weak and not is_name(b.text))
            change = _name_change(a, b, block, weak)
            if change is not None:
                changes.append(change)
    return changes


def _stands(name: Name, values: set[str]) -> bool:
    """Whether a name stands on the other side too, whole or in another form."""
    return any(is_same(name.value, value) for value in values)


def _name_change(a: Name, b: Name, block: Block, weak: tuple[bool, bool]) -> FactChange | None:
    if is_spelling(a.text, b.text) and not all(weak):
        return FactChange("name_spelling", a.text, b.text)
    if any(weak) or not is_slot(block):
        return None
    if a.title == b.title:
        return FactChange("name", a.text, b.text)
    return FactChange("name", a.title + a.text, b.title + b.text)
