"""Growth of live coverage: new entries on top, the entries below unchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.compare.prepared import Prepared
from store.model import AlignedPair, LinkKind

# A clock time that opens a block: "14:05", "kl. 14.05", "10.32 a.m.", "14h05", "14時05分", "2 pm".
_STAMP = re.compile(
    r"^\W*(?:[^\W\d_]{1,12}\.?,?\s){0,3}(?:"
    r"(?:[01]?\d|2[0-4])(?:[:.h]|\s[h:]\s|時|时|시\s?)[0-5]\d(?!\d|[.,]\d|\s?%)"
    r"|(?:1[0-2]|[1-9])\s?[ap]\.?m\b)",
    re.IGNORECASE,
)
# A live blog may keep so many sentences of summary above its entries.
_SUMMARY = 12
# Two stamps among what is new; one where the version before had stamped entries already.
_LEAST_STAMPS = 2
# Entries without stamps: at least so many blocks, on top of a text that nobody touched.
_LEAST_BLOCKS = 3
# The share of the old sentences below the new entries that must stand as they did.
_UNTOUCHED = 0.9
_STILL = frozenset({LinkKind.SAME, LinkKind.MOVED})


def grew_live(old: Prepared, new: Prepared, alignment: Sequence[AlignedPair]) -> bool:
    """Whether a version is the one before with new entries put in on top.

    Where they carry clock stamps, the summary above them may have been edited, and the oldest
    entries may have gone at the end, as pages of live coverage are cut.
    """
    start, end = _longest_run(alignment)
    if end == start or start > _SUMMARY:
        return False
    below = [pair for pair in alignment if pair.new and pair.new[0] >= end]
    still = sum(pair.kind in _STILL for pair in below)
    if not below or still < _UNTOUCHED * len(below):
        return False
    if _is_live(old, new, start, end):
        return True
    blocks = {sentence.block for sentence in new.sentences[start:end]}
    untouched = still == len(alignment) - (end - start)
    return start == 0 and untouched and len(blocks) >= _LEAST_BLOCKS


def _longest_run(alignment: Sequence[AlignedPair]) -> tuple[int, int]:
    """The longest run of added sentences of the new version; the first of equals."""
    best = start = end = 0
    longest = (0, 0)
    for place in sorted([pair.new[0] for pair in alignment if not pair.old]):
        start, end = (start, place + 1) if place == end else (place, place + 1)
        if end - start > best:
            best, longest = end - start, (start, end)
    return longest


def _is_live(old: Prepared, new: Prepared, start: int, end: int) -> bool:
    """Whether the new entries carry clock stamps, or the page calls itself live coverage."""
    if new.document.claims.live_blog:
        return True
    fresh = _stamped(new, start, end)
    return fresh >= _LEAST_STAMPS or (fresh > 0 and _stamped(old, 0, len(old.sentences)) > 0)


def _stamped(side: Prepared, start: int, end: int) -> int:
    """How many blocks begin with a clock time between two sentences."""
    blocks = dict.fromkeys(side.sentences[i].block for i in range(start, end))
    firsts = [side.document.blocks[block].text for block in blocks]
    return sum(_STAMP.match(text) is not None for text in firsts)
