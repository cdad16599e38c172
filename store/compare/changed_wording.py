"""Wording that changed: denials, doubt, sources, quotations, states and allegations."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import zip_longest

from rapidfuzz import fuzz

from store.compare.features import words_of
from store.compare.lexicon import Lexicon, word_set
from store.compare.names import is_spelling
from store.compare.slots import is_slot
from store.compare.wording import (
    Words,
    hedges_in,
    is_statement,
    names_somebody,
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
_CLOSING = frozenset("\"”’'»«“」』")
# Two sources more alike than this are one, respelled.
_SAME_SOURCE = 80
# A word in a quotation this long that differs as a spelling fix does is one.
_LONG_WORD = 6
# Signs of direct speech, not of a few quoted words: ',” said', 'said: “', '», disse'.
_DIRECT = re.compile(r"[,!?][\"”’»]|[:,]\s?[\"“„«‘]|[\"”’»],")
# "BERLIN (Reuters) - ", "LINDMOOR, Monday — ": the place, an agency or a day, a dash.
_DATELINE_LENGTH = 60
_DATELINE = re.compile(
    r"([^\W\d_a-z][^\W\d_a-zà-ÿ.'’]+(?:[ -][^\W\d_a-zà-ÿ.'’]{2,}){0,3})"
    r"(?:, [^—–()-]{2,30})?(?: \([^)]{2,20}\))?\s?[—–-]\s"
)
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
    runs = [
        (
            block,
            hedges_in(diff.old, block.old_start, block.old_end, words),
            hedges_in(diff.new, block.new_start, block.new_end, words),
        )
        for block in diff.blocks
    ]
    if sum(len(gone) for _, gone, _ in runs) == sum(len(come) for _, _, come in runs):
        return []
    return [
        FactChange("hedge", gone[0] if gone else None, come[0] if come else None)
        for block, gone, come in runs
        if is_slot(block) and bool(gone) != bool(come)
    ]


def changed_sources(
    diff: WordDiff, words: Lexicon, names: Sequence[FactChange], own: Set[str], *, quoted: bool
) -> list[FactChange]:
    """Who is said to have said it, where another is named, or nobody, or somebody at last.

    Only clauses that a differing run touches are read. ``own`` are the words of both texts.
    Where the same quotation (``quoted``: there is one at all) is put in another named mouth,
    its speaker changed.
    """
    olds = sources_of(diff.old, words, [block[:2] for block in diff.blocks], own)
    if not olds and words.source_cues.isdisjoint(diff.come_words):
        return []
    news = sources_of(diff.new, words, [block[2:] for block in diff.blocks], own)
    olds, news = [*filter(names_somebody, olds)], [*filter(names_somebody, news)]
    told = [name for name in names if _names_sources(name, olds, news)]
    if told:
        return _another_speaker(told[0], diff) if quoted else []
    gone = [s for s in olds if not any(_same_source(s, other) for other in news)]
    come = [s for s in news if not any(_same_source(s, other) for other in olds)]
    if gone and come:
        return [FactChange("attribution", gone[0].text, come[0].text)]
    if gone and _is_lost(gone[0], diff.new, words, [b[:2] for b in diff.blocks], own):
        return [FactChange("attribution", gone[0].text, None)]
    if come and _is_lost(come[0], diff.old, words, [b[2:] for b in diff.blocks], own):
        return [FactChange("attribution", None, come[0].text)]
    return []


def _is_lost(
    source: Words, other: str, words: Lexicon, runs: Sequence[tuple[int, int]], own: Set[str]
) -> bool:
    """Whether a source of one text is in what differs, and the other text names none at all."""
    differs = any(source.start < end and start < source.end for start, end in runs)
    others = sources_of(other, words, [(0, len(other))], own) if differs else []
    return differs and not any(map(names_somebody, others))


def _names_sources(name: FactChange, olds: Sequence[Words], news: Sequence[Words]) -> bool:
    """Whether a name that changed is that of a source."""
    return any(name.old and name.old in s.text for s in olds) and any(
        name.new and name.new in s.text for s in news
    )


def _another_speaker(name: FactChange, diff: WordDiff) -> list[FactChange]:
    """The same words in direct speech, said by another one."""
    direct = _DIRECT.search(diff.old) and _DIRECT.search(diff.new)
    same = direct and _statements(diff.old) == _statements(diff.new) != []
    return [FactChange("speaker", name.old, name.new)] if same and name.type == "name" else []


def _statements(text: str) -> list[str]:
    return [quote.value for quote in quotes_of(text) if is_statement(quote)]


def is_told(fact: FactChange, others: Sequence[FactChange]) -> bool:
    """Whether a name that changed is told as a speaker already."""
    return any(
        (other.type, other.old, other.new) == ("speaker", fact.old, fact.new) for other in others
    )


def changed_datelines(diff: WordDiff) -> list[FactChange]:
    """Where the story says it was filed, in capitals before its first sentence."""
    if diff.blocks[0].old_start > _DATELINE_LENGTH:
        return []
    old, new = _DATELINE.match(diff.old), _DATELINE.match(diff.new)
    if old is None or new is None or old[1] == new[1]:
        return []
    return [FactChange("dateline", old[1], new[1])]


def _same_source(a: Words, b: Words) -> bool:
    """Whether two sources are one: a word in common, or one spelling of another."""
    shared = {*a.value.split()} & {*b.value.split()}
    return bool(shared - _SMALL) or fuzz.ratio(a.value, b.value) >= _SAME_SOURCE


def changed_quotes(diff: WordDiff, explained: Sequence[FactChange]) -> list[FactChange]:
    """Quotations whose words differ, or that came or went, facts already told aside."""
    olds, news = quotes_of(diff.old), quotes_of(diff.new)
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
        if not _only(a, b, explained) and not _is_closed_anew(a, b, diff):
            changes.append(FactChange("quote", a.text, b.text))
    changes += [FactChange("quote", None, q.text) for q in come]
    return changes


def _is_closed_anew(a: Words, b: Words, diff: WordDiff) -> bool:
    """Whether only the mark that closes a quotation came or went."""
    ends = diff.old[a.end - 1 : a.end], diff.new[b.end - 1 : b.end]
    short, long = sorted((a.value, b.value), key=len)
    return any(end not in _CLOSING for end in ends) and long.startswith(short)


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
