"""Where a fact stands: in which replaced run of words, and beside which words."""

from __future__ import annotations

from collections.abc import Sequence

from store.compare.words import Block

# A replaced run of at most this many characters is one slot.
_SLOT = 60


def block_at(start: int, end: int, blocks: Sequence[Block], side: int) -> Block | None:
    """The first replaced run that a span of the old (side 0) or new (side 2) text touches."""
    return next((block for block in blocks if overlaps(start, end, block, side)), None)


def overlaps(start: int, end: int, block: Block, side: int) -> bool:
    """Whether a span touches a run's old (side 0) or new (side 2) characters."""
    return start < block[side + 1] and block[side] < end


def window(text: str, blocks: Sequence[Block], side: int, reach: int) -> tuple[int, int]:
    """From a blank ``reach`` characters before the first replaced run of a side (0: old, 2: new)
    to one as far behind the last."""
    start = max(0, text.rfind(" ", 0, max(0, blocks[0][side] - reach)))
    end = text.find(" ", blocks[-1][side + 1] + reach)
    return start, end if end >= 0 else len(text)


def is_slot(block: Block) -> bool:
    """Whether a replaced run is short enough to hold one fact in place of another."""
    return block.old_end - block.old_start <= _SLOT and block.new_end - block.new_start <= _SLOT


def word_before(text: str, at: int) -> str:
    """The word before a place, lower case."""
    found = text[max(0, at - 40) : at].split()
    return found[-1].lower() if found else ""


def word_after(text: str, at: int) -> str:
    """The word at or behind a place, lower case, without punctuation."""
    found = text[at : at + 40].split(maxsplit=1)
    return found[0].lower().strip(".,;:") if found else ""
