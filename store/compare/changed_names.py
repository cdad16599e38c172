"""Names that changed: spelled anew, or another name in the same place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from store.compare.lexicon import Lexicon
from store.compare.names import Name, is_same, is_spelling, names_of
from store.compare.slots import is_slot, overlaps, window
from store.compare.words import Block, WordDiff
from store.model import FactChange

# How many characters around what differs are read for names.
_REACH = 80
# Shorter titles are forms of address ("Mr", "Dr"), a matter of style.
_OFFICE_LETTERS = 5


def changed_names(
    diff: WordDiff, words: Lexicon, is_name: Callable[[str], bool]
) -> list[FactChange]:
    """Names that others took the place of.

    ``is_name`` says whether the article elsewhere writes a word as a name; it is asked about
    words that open a sentence, whose capital may mean nothing.
    """
    olds = names_of(diff.old, words, *window(diff.old, diff.blocks, 0, _REACH))
    news = names_of(diff.new, words, *window(diff.new, diff.blocks, 2, _REACH))
    old_values, new_values = [n.value for n in olds], [n.value for n in news]
    changes: list[FactChange] = []
    for block in diff.blocks:
        gone = [n for n in olds if overlaps(n.start, n.end, block, 0)]
        come = [n for n in news if overlaps(n.start, n.end, block, 2)]
        if not gone or not come:
            continue
        gone = [n for n in gone if not _stands(n, old_values, new_values)]
        come = [n for n in come if not _stands(n, new_values, old_values)]
        for a, b in zip(gone, come, strict=False):
            weak = (a.weak and not is_name(a.text)), (b.weak and not is_name(b.text))
            change = _name_change(a, b, block, weak)
            if change is not None:
                changes.append(change)
    return [*changes, *_changed_titles(olds, news)]


def _changed_titles(olds: Sequence[Name], news: Sequence[Name]) -> list[FactChange]:
    """Offices that changed before the name of one person."""
    titled = [b for b in news if b.title]
    pairs = [(a, b) for a in olds if a.title for b in titled if a.value == b.value]
    return [
        FactChange("title", a.title.strip(), b.title.strip())
        for a, b in pairs
        if not _is_form(a.title, b.title) and min(len(a.title), len(b.title)) >= _OFFICE_LETTERS
    ]


def _is_form(old: str, new: str) -> bool:
    """Whether one title is another one cut short or written in full: "Sen.", "Senator"."""
    a, b = (title.casefold().replace(".", "").strip() for title in (old, new))
    return a.startswith(b[:3]) or b.endswith(a) or a.endswith(b)


def _stands(name: Name, own: list[str], others: list[str]) -> bool:
    """Whether a name stands as often on the other side, whole or in another form."""
    here = sum(is_same(name.value, value) for value in own)
    there = sum(is_same(name.value, value) for value in others)
    return 0 < there >= here


def _name_change(a: Name, b: Name, block: Block, weak: tuple[bool, bool]) -> FactChange | None:
    if is_spelling(a.text, b.text) and not all(weak):
        return FactChange("name_spelling", a.text, b.text)
    if any(weak) or not is_slot(block):
        return None
    if a.title == b.title:
        return FactChange("name", a.text, b.text)
    return FactChange("name", a.title + a.text, b.title + b.text)
