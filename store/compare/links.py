"""Links that lead elsewhere: the same paragraph, another page behind it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from store.compare.prepared import Prepared
from store.model import AlignedPair, FactChange


def changed_links(
    old: Prepared, new: Prepared, alignment: Sequence[AlignedPair]
) -> dict[int, FactChange]:
    """By the number of the new block: the first of its links that leads to another page now.

    Only blocks with as many links as before count, so a link that came or went is none; and
    an address that still ends in the same name is the same page, moved.
    """
    if old.links == new.links or not any(old.links):
        return {}
    found: dict[int, FactChange] = {}
    for before, after in _block_pairs(old, new, alignment):
        change = _change(old.links[before], new.links[after])
        if change is not None:
            found.setdefault(after, change)
    return found


def _block_pairs(
    old: Prepared, new: Prepared, alignment: Sequence[AlignedPair]
) -> dict[tuple[int, int], None]:
    """The blocks that share a sentence, in reading order."""
    return {
        (old.sentences[pair.old[0]].block, new.sentences[pair.new[0]].block): None
        for pair in alignment
        if len(pair.old) == len(pair.new) == 1
    }


def _change(old: Sequence[str], new: Sequence[str]) -> FactChange | None:
    if len(old) != len(new):
        return None
    for before, after in zip(old, new, strict=True):
        if before != after and _page(before) != _page(after):
            return FactChange("link", before, after)
    return None


def _page(address: str) -> str:
    """The name an address ends in, without its folders, query and fragment."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return parts.path.rstrip("/").rpartition("/")[2].casefold() or parts.netloc.casefold()
