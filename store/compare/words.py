"""Words that differ between two linked texts, and the redline a reader sees.

Numbers with their units and separators are one token. Edits that only small words keep
apart are joined, and where little survives both texts stand whole, because a redline of
scraps cannot be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from rapidfuzz.distance import Indel, Postfix, Prefix

from store.compare.features import LONGEST, words_of
from store.model import Span
from store.text import normalise

# Words that belong to the number before them: a redline must not part "4.3" from "million".
_UNITS = (
    "million|billion|trillion|thousand|hundred|mn|bn|percent|pc|pm|am|Uhr|Prozent|Millionen|Milliarden|"
    "millions|milliards|millones|milhões|bilhões|milioni|miliardi|miljoen|miljard|millioner|miljoner|"
    "euros?|Euro|dollars?|pounds?|miles?|kilometres?|kilometers?|met(?:re|er)s?|feet|tonn?es|tons|"
    "prosent|procent|kroner|kronor|mph|km|kg|m|k"
)
# A number with currency, separators, magnitude or unit is one token; so is a word with
# apostrophes or hyphens; any other sign stands alone. Space goes with the token before it.
_TOKEN = re.compile(
    r"(?:[$€£¥₹]\s?)?\d+(?:[.,:/’']\d+)*(?:\s?(?:%|‰|°C|°F|€|£|[ap]\.m\.)(?!\w))?"
    rf"(?:st|nd|rd|th)?(?:\s?(?:{_UNITS})(?!\w))?(?:-\w+)*\s*"
    r"|[^\W\d_]+(?:[’'.-][^\W\d_]+)*\s*"
    r"|\w\s*|\s+|[^\w\s]+?\s*",
)
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_UNSPACED_TOKEN = re.compile(r"\d+(?:[.,]\d+)*[%万億亿千百人年月日]*|[a-zA-Z]+|\s+|.", re.DOTALL)
# Runs of unchanged tokens up to this long, of small words only, are joined with the edits
# on both sides of them.
_SCRAP = 2
_SMALL_WORD = 3
_LONGEST_SCRAP = _SCRAP * (_SMALL_WORD + 3)
# A run of other words that short is joined too where both edits beside it are that many times
# as long.
_OUTWEIGHED = 4
# The least share of the longer text's characters that must survive for a redline.
_SURVIVES = 0.3


class Block(NamedTuple):
    """A replaced run: characters of the old text against characters of the new one."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class WordDiff:
    """Two texts and the runs of tokens that differ between them, in order.

    No slots: what is told of them is kept once it was asked for.
    """

    old: str
    new: str
    blocks: tuple[Block, ...]

    @property
    def kept(self) -> float:
        """The share of the longer text that stayed, 0 to 1."""
        return self._stayed / max(len(self.old), len(self.new), 1)

    @property
    def kept_of_shorter(self) -> float:
        """The share of the shorter text that stayed, 0 to 1."""
        return self._stayed / max(min(len(self.old), len(self.new)), 1)

    @cached_property
    def _stayed(self) -> int:
        old, new = len(self.old), len(self.new)
        for old_start, old_end, new_start, new_end in self.blocks:
            old -= old_end - old_start
            new -= new_end - new_start
        return min(old, new)

    @cached_property
    def gone(self) -> str:
        """The replaced runs of the old text."""
        return " ".join([self.old[start:end] for start, end, _, _ in self.blocks])

    @cached_property
    def come(self) -> str:
        """The replaced runs of the new text."""
        return " ".join([self.new[start:end] for _, _, start, end in self.blocks])

    @cached_property
    def old_words(self) -> frozenset[str]:
        """The words of the old text."""
        return frozenset(words_of(self.old))

    @cached_property
    def new_words(self) -> frozenset[str]:
        """The words of the new text."""
        return frozenset(words_of(self.new))

    @cached_property
    def gone_words(self) -> tuple[str, ...]:
        """The words of the replaced runs of the old text."""
        return tuple(words_of(self.gone))

    @cached_property
    def come_words(self) -> tuple[str, ...]:
        """The words of the replaced runs of the new text."""
        return tuple(words_of(self.come))


def tokens_of(text: str) -> list[str]:
    """A text as tokens that add up to it exactly."""
    spaced = text.isascii() or not _UNSPACED.search(text)
    return (_TOKEN if spaced else _UNSPACED_TOKEN).findall(text)


def diff_words(old: str, new: str) -> WordDiff:
    """What differs between two texts, word by word; typography does not count."""
    if old == new:
        return WordDiff(old, new, ())
    if not old or not new or min(len(old), len(new)) > LONGEST:
        return WordDiff(old, new, (Block(0, len(old), 0, len(new)),))
    start, end = _equal_ends(old, new)
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    old_tokens, new_tokens = tokens_of(old_middle), tokens_of(new_middle)
    old_ends, new_ends = _ends(start, old_tokens), _ends(start, new_tokens)
    blocks: list[Block] = []
    codes = Indel.opcodes(_keys(old_middle, old_tokens), _keys(new_middle, new_tokens))
    for code in codes:
        if code.tag == "equal":
            continue
        block = Block(
            old_ends[code.src_start],
            old_ends[code.src_end],
            new_ends[code.dest_start],
            new_ends[code.dest_end],
        )
        last = blocks[-1] if blocks else None
        if last and last.old_end == block.old_start and last.new_end == block.new_start:
            block = Block(last.old_start, block.old_end, last.new_start, block.new_end)
            blocks.pop()
        blocks.append(block)
    return WordDiff(old, new, tuple(blocks))


def _equal_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters at the start and at the end are equal and whole tokens.

    Both are cut where a letter, one blank and the next token meet: no token spans that, so
    the words between them are cut as they would be in the whole text.
    """
    prefix = Prefix.similarity(old, new)
    start, space = 0, old.rfind(" ", 0, max(0, prefix - 1))
    while space > 0:
        if old[space - 1].isalpha() and not old[space + 1].isspace():
            start = space + 1
            break
        space = old.rfind(" ", 0, space)
    suffix = Postfix.similarity(old, new)
    first = len(old) - min(suffix, min(len(old), len(new)) - prefix)
    space = old.find(" ", first + 1)
    while space > 0:
        if old[space - 1].isalpha() and not old[space + 1 : space + 2].isspace():
            return start, len(old) - space - 1
        space = old.find(" ", space + 1)
    return start, 0


def _keys(text: str, tokens: list[str]) -> list[str]:
    """The comparing forms of tokens."""
    if text.isascii():
        return list(map(str.rstrip, tokens))
    return [token.rstrip() if token.isascii() else normalise(token) for token in tokens]


def _ends(start: int, tokens: list[str]) -> list[int]:
    """Where the tokens begin and, at last, end in the text that the first one starts in."""
    return list(accumulate(map(len, tokens), initial=start))


def redline(diff: WordDiff) -> tuple[Span, ...]:
    """The runs that stayed, went and came, in reading order.

    Same and removed runs add up to the old text, same and added ones to the new text, but
    for typography inside runs that count as the same.
    """
    if not diff.old or not diff.new:
        return tuple(_spans((False, diff.old, diff.new)))
    runs = _join_scraps(_runs(diff))
    kept = sum(len(added) for same, _, added in runs if same)
    if kept < _SURVIVES * max(len(diff.old), len(diff.new)):
        runs = [(False, diff.old, diff.new)]
    return tuple(span for run in _with_blanks_between(runs) for span in _spans(run))


def _runs(diff: WordDiff) -> list[tuple[bool, str, str]]:
    """The whole texts as (same, old, new) runs."""
    runs: list[tuple[bool, str, str]] = []
    old_at, new_at = 0, 0
    ends = Block(len(diff.old), len(diff.old), len(diff.new), len(diff.new))
    for block in (*diff.blocks, ends):
        same = diff.new[new_at : block.new_start]
        if same or diff.old[old_at : block.old_start]:
            runs.append((True, diff.old[old_at : block.old_start], same))
        gone, come = (
            diff.old[block.old_start : block.old_end],
            diff.new[block.new_start : block.new_end],
        )
        if gone or come:
            runs.append((False, gone, come))
        old_at, new_at = block.old_end, block.new_end
    return runs


def _join_scraps(runs: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    joined: list[tuple[bool, str, str]] = []
    for place, (same, removed, added) in enumerate(runs):
        inner = same and len(added) <= _LONGEST_SCRAP and 0 < place < len(runs) - 1
        scrap = inner and _is_scrap(added, min(_size(runs[place - 1]), _size(runs[place + 1])))
        run = (same and not scrap, removed, added)
        if joined and joined[-1][0] == run[0]:
            _, before_removed, before_added = joined.pop()
            run = (run[0], before_removed + removed, before_added + added)
        joined.append(run)
    return joined


def _size(run: tuple[bool, str, str]) -> int:
    return max(len(run[1]), len(run[2]))


def _is_scrap(text: str, edits: int) -> bool:
    """Whether an equal run is too little to read between two edits, the smaller one this long."""
    if any(map(str.isdigit, text)):
        return False
    words = words_of(text)
    small = all(len(word) <= _SMALL_WORD for word in words)
    return len(words) <= _SCRAP and (small or len(text) * _OUTWEIGHED <= edits)


def _with_blanks_between(runs: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """The runs, the blank that ends both sides of a replacement put before what follows."""
    moved = list(runs)
    for place in range(len(runs) - 1):
        (same, removed, added), (_, next_old, next_new) = moved[place], moved[place + 1]
        if not same and removed[-1:] == added[-1:] == " ":
            moved[place] = (False, removed[:-1], added[:-1])
            moved[place + 1] = (True, f" {next_old}", f" {next_new}")
    return moved


def _spans(run: tuple[bool, str, str]) -> list[Span]:
    same, removed, added = run
    if same:
        return [Span("same", added)]
    return [Span(op, text) for op, text in (("removed", removed), ("added", added)) if text]
