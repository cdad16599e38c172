"""Wording that changed: denials, doubt, sources, quotations, states and allegations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rapidfuzz import fuzz

from store.compare.features import words_of
from store.compare.lexicon import Lexicon, word_set
from store.compare.names import is_spelling
from store.compare.slots import block_at, is_slot, overlaps
from store.compare.wording import (
    Words,
    hedges_of,
    is_statement,
    negators_of,
    opposed,
    quotes_of,
    sources_of,
)
from store.compare.words import Block, WordDiff
from store.model import FactChange
from store.text import normalise

# A denial that came or went in a run of more words than this belongs to other words.
_FLIP_WORDS = 3
_FLIP_RATIO = 60
# Two quotations more alike than this (0 to 100) are one, reworded.
_SAME_QUOTE = 45
# Two sources more alike than this are one, respelled.
_SAME_SOURCE = 80
# A word in a quotation this long that differs as a spelling fix does is one.
_LONG_WORD = 6
# Letters that two forms of one word share.
_STEM = 4
_AUXILIARIES = word_set(
    "not n t no never do does did doesn don didn is isn was wasn were weren are aren has "
    "hasn have haven had hadn will won would wouldn could couldn should shouldn can "
    "cannot ca been be nicht kein keine keinen ne pas n' ikke ikkje inte niet não"
)
_SMALL = frozenset({"the", "a", "an", "of", "in", "on", "for"})


def changed_denials(
    diff: WordDiff, words: Lexicon, taken: Sequence[FactChange]
) -> list[FactChange]:
    """A denial that came or went while the words it denies stayed."""
    old, new = diff.old, diff.new
    for block in diff.blocks:
        gone, come = old[block.old_start : block.old_end], new[block.new_start : block.new_end]
        if len(gone.split()) > _FLIP_WORDS or len(come.split()) > _FLIP_WORDS:
            continue
        if (len(negators_of(gone, words)) + len(negators_of(come, words))) % 2 == 0:
            continue
        counts = len(negators_of(old, words)), len(negators_of(new, words))
        if counts[0] == counts[1] or not _is_flip(old, new, block):
            continue
        if any("no" in {(fact.old or "").lower(), (fact.new or "").lower()} for fact in taken):
            return []
        return [
            FactChange(
                "negation",
                _around(old, block.old_start, block.old_end),
                _around(new, block.new_start, block.new_end),
            )
        ]
    return []


def _is_flip(old: str, new: str, block: Block) -> bool:
    """Whether little but the denial changed: the denied word is still there behind it."""
    after_old, after_new = old[block.old_end :].split(), new[block.new_end :].split()
    gone = _stems(old[block.old_start : block.old_end])
    come = _stems(new[block.new_start : block.new_end])
    if gone != come:
        return False
    stays = bool(after_old and after_new) and after_old[0] == after_new[0]
    return stays and fuzz.ratio(old, new) >= _FLIP_RATIO


def _stems(text: str) -> list[str]:
    """The beginnings of the words that are neither a denial nor its auxiliary."""
    words = (word for word in words_of(text) if word not in _AUXILIARIES)
    return [word[:_STEM] for word in words]


def _around(text: str, start: int, end: int) -> str:
    """A run of words with the word before and the word after it."""
    before = text[:start].split()[-1:]
    after = text[end:].split()[:1]
    inner = text[start:end].split()
    return " ".join([*before, *inner, *after]).strip(' ,.;:"“”')


def changed_hedges(diff: WordDiff, words: Lexicon) -> list[FactChange]:
    """Words of doubt that came or went where the rest of the run is short."""
    olds, news = hedges_of(diff.old, words), hedges_of(diff.new, words)
    if len(olds) == len(news):
        return []
    changes: list[FactChange] = []
    for block in diff.blocks:
        gone = [w for w in olds if overlaps(w.start, w.end, block, 0)]
        come = [w for w in news if overlaps(w.start, w.end, block, 2)]
        if is_slot(block) and bool(gone) != bool(come):
            changes.append(
                FactChange("hedge", gone[0].text if gone else None, come[0].text if come else None)
            )
    return changes


def changed_sources(
    diff: WordDiff, words: Lexicon, names: Sequence[FactChange]
) -> list[FactChange]:
    """Who is said to have said it, where another is named, or nobody, or somebody at last."""
    olds, news = sources_of(diff.old, words), sources_of(diff.new, words)
    gone = [s for s in olds if not any(_same_source(s, other) for other in news)]
    come = [s for s in news if not any(_same_source(s, other) for other in olds)]
    if gone and come:
        told = _explained(gone[0], come[0], names)
        return [] if told else [FactChange("attribution", gone[0].text, come[0].text)]
    if gone and not news and block_at(gone[0].start, gone[0].end, diff.blocks, 0):
        return [FactChange("attribution", gone[0].text, None)]
    if come and not olds and block_at(come[0].start, come[0].end, diff.blocks, 2):
        return [FactChange("attribution", None, come[0].text)]
    return []


def _same_source(a: Words, b: Words) -> bool:
    """Whether two sources are one: a word in common, or one spelling of another."""
    shared = {*a.value.split()} & {*b.value.split()}
    return bool(shared - _SMALL) or fuzz.ratio(a.value, b.value) >= _SAME_SOURCE


def _explained(gone: Words, come: Words, names: Sequence[FactChange]) -> bool:
    return any(
        (fact.old or "").casefold() in gone.text.casefold()
        and (fact.new or "").casefold() in come.text.casefold()
        for fact in names
    )


def changed_quotes(old: str, new: str, explained: Sequence[FactChange]) -> list[FactChange]:
    """Quotations whose words differ, or that came or went, facts already told aside."""
    olds, news = quotes_of(old), quotes_of(new)
    if _joined(olds) == _joined(news):
        return []
    gone = [q for q in olds if is_statement(q) and q.value not in {o.value for o in news}]
    come = [q for q in news if is_statement(q) and q.value not in {o.value for o in olds}]
    changes: list[FactChange] = []
    for a in gone:
        b = max(come, key=lambda q: fuzz.ratio(a.value, q.value), default=None)
        if b is None or fuzz.ratio(a.value, b.value) < _SAME_QUOTE:
            changes.append(FactChange("quote", a.text, None))
            continue
        come.remove(b)
        if not _only(a, b, explained):
            changes.append(FactChange("quote", a.text, b.text))
    changes += [FactChange("quote", None, q.text) for q in come]
    return changes


def _joined(quotes: list[Words]) -> str:
    """All quoted words in order: a quotation cut in two by its speaker has not changed."""
    return " ".join(quote.value for quote in quotes)


def _only(a: Words, b: Words, facts: Sequence[FactChange]) -> bool:
    """Whether two quotations differ in facts already told or in one word's spelling only."""
    both = zip_longest(a.value.split(), b.value.split(), fillvalue="")
    pairs = [(x, y) for x, y in both if x != y]
    if len(pairs) == 1 and min(map(len, pairs[0])) >= _LONG_WORD and is_spelling(*pairs[0]):
        return True
    before, after = f" {a.text} ", f" {b.text} "
    for fact in facts:
        if fact.old and fact.new:
            before = before.replace(fact.old, fact.new)
        elif fact.new:
            after = after.replace(f" {fact.new} ", " ")
        elif fact.old:
            before = before.replace(f" {fact.old} ", " ")
    return normalise(before) == normalise(after)


def changed_opposites(gone: str, come: str, words: Lexicon) -> list[FactChange]:
    """A state or an allegation whose wording turned into its listed opposite."""
    found = [FactChange("status", a, b) for a, b in opposed(gone, come, words.status)]
    found += [FactChange("allegation", a, b) for a, b in opposed(gone, come, words.allegations)]
    return found[:1]
