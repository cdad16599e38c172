"""The main text: trafilatura says what belongs to it, the page says how it reads.

trafilatura's own output loses where a paragraph stood, what it linked to and, at
times, half a note. So its reading is used as a *choice*: a passage of the page is
in the body when trafilatura's text holds it. Where the page's own passages cannot
explain that text (it came out of embedded JSON), the text itself is the body.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil

import trafilatura
from lxml.etree import _Element
from lxml.html import HtmlElement

from crawler.extract.passages import Passage, key_of
from store.model import Block, BlockKind
from store.text import clean, weight

# Shorter keys occur by chance in a long text; they count beside a passage that is in.
_CHANCE = 24
# A passage trafilatura cut short (a span it dislikes) is in when this share of its pieces is.
_PIECE, _PIECE_SHARE = 12, 0.6
_LUMP = 600
_MOST_LINKED = 0.5
# Below this share of trafilatura's text, the page's passages do not explain it.
_EXPLAINED = 0.5
# A region that holds more than this share of the main text is not what its name says.
_REGION_SHARE = 0.3

_TEI_KINDS = {
    "head": BlockKind.HEADING,
    "item": BlockKind.LIST_ITEM,
    "quote": BlockKind.QUOTE,
    "row": BlockKind.TABLE,
    "code": BlockKind.PREFORMATTED,
}

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class MainText:
    """What trafilatura read: its paragraphs, and all of it as one key."""

    blocks: tuple[Block, ...]
    key: str

    @property
    def sample(self) -> str:
        """What a language is guessed from: the paragraphs, one per line."""
        return "\n".join(block.text for block in self.blocks)


def main_text(tree: HtmlElement) -> MainText:
    """trafilatura's reading of a page (text only; the tree stays as it is)."""
    reading = trafilatura.bare_extraction(tree, include_comments=False, with_metadata=False)
    body: _Element | None = getattr(reading, "body", None)
    if body is None:
        return MainText((), "")
    return MainText(tuple(_blocks(body)), key_of("".join(map(str, body.itertext()))))


def _blocks(body: _Element) -> list[Block]:
    """trafilatura's elements as blocks."""
    blocks = []
    for element in body.iter("p", "head", "item", "quote", "row", "code"):
        if any(parent.tag in _TEI_KINDS or parent.tag == "p" for parent in element.iterancestors()):
            continue
        text = " ".join(clean(" ".join(map(str, element.itertext()))).split())
        if text:
            blocks.append(Block(_TEI_KINDS.get(str(element.tag), BlockKind.PARAGRAPH), text))
    return blocks


def chosen(passages: Sequence[Passage], reading: MainText) -> list[bool]:
    """For each passage, whether the main text holds it."""
    inside = [weight(p.key) >= _CHANCE and _holds(reading.key, p.key) for p in passages]
    _drop_wholes(passages, inside)
    _keep_one_of_each(passages, reading, inside)
    _join_short_ones(passages, reading, inside)
    _close_gaps(passages, inside)
    return inside


def explains(passages: Sequence[Passage], inside: Sequence[bool], reading: MainText) -> bool:
    """Whether the chosen passages make up most of the main text."""
    letters = sum(len(p.key) for p, is_in in zip(passages, inside, strict=True) if is_in)
    return letters >= _EXPLAINED * len(reading.key)


def _holds(text: str, key: str) -> bool:
    if key in text:
        return True
    if len(key) < 3 * _PIECE:
        return False
    places = range(0, len(key) - _PIECE + 1, _PIECE)
    bearable = len(places) - ceil(_PIECE_SHARE * len(places))
    missing = (at for at in places if key[at : at + _PIECE] not in text)
    return sum(1 for _ in islice(missing, bearable + 1)) <= bearable


def _drop_wholes(passages: Sequence[Passage], inside: list[bool]) -> None:
    """A passage that holds two others is a second copy of the text in one lump."""
    keys = {p.key for p, is_in in zip(passages, inside, strict=True) if is_in}
    for index, passage in enumerate(passages):
        if inside[index] and len(passage.key) > _LUMP:
            held = sum(key in passage.key for key in keys if len(key) >= 2 * _CHANCE)
            inside[index] = held < 3  # itself and two others


def _keep_one_of_each(passages: Sequence[Passage], reading: MainText, inside: list[bool]) -> None:
    """Of passages that say the same, keep as many as the main text has, outside regions first."""
    places: dict[str, list[int]] = {}
    for index, passage in enumerate(passages):
        if inside[index]:
            places.setdefault(passage.key, []).append(index)
    for key, indices in places.items():
        if len(indices) == 1:
            continue
        wanted = max(1, reading.key.count(key))
        best_first = sorted(indices, key=lambda i: _rank(passages[i], i))
        for index in best_first[wanted:]:
            inside[index] = False


def _rank(passage: Passage, index: int) -> tuple[bool, int, int]:
    """How a passage ranks among those that say the same: text first, outside regions, early."""
    return passage.kind is BlockKind.CAPTION, len(passage.regions), index


def _join_short_ones(passages: Sequence[Passage], reading: MainText, inside: list[bool]) -> None:
    """A short passage is in when the main text has it right beside one that is in."""
    texts = {key_of(block.text) for block in reading.blocks}
    for index, passage in enumerate(passages):
        if inside[index] or weight(passage.key) >= _CHANCE:
            continue
        before = _neighbour(passages, inside, index, -1)
        after = _neighbour(passages, inside, index, +1)
        if (before and before[-_CHANCE:] + passage.key in reading.key) or (
            after and passage.key + after[:_CHANCE] in reading.key
        ):
            inside[index] = True
        elif passage.key in texts and len(passage.key) > 2 and (before or after):
            inside[index] = _between(inside, index)


def _close_gaps(passages: Sequence[Passage], inside: list[bool]) -> None:
    """A paragraph between two sisters that are in, and in no named region, is in as well.

    What trafilatura leaves out of the middle of a text depends on class names that
    change with the template; an article does not.
    """
    sisters: dict[HtmlElement, list[int]] = {}
    for index, passage in enumerate(passages):
        parent = passage.element.getparent()
        if inside[index] and parent is not None:
            sisters.setdefault(parent, []).append(index)
    for parent, indices in sisters.items():
        for index in range(indices[0] + 1, indices[-1]):
            passage = passages[index]
            if passage.element.tag == "p" and passage.element.getparent() is parent:
                inside[index] |= not passage.regions and passage.link_share < _MOST_LINKED


def _neighbour(
    passages: Sequence[Passage], inside: Sequence[bool], index: int, step: int
) -> str | None:
    """The key of the nearest passage in that direction that is in, at most eight away."""
    for distance in range(1, 9):
        at = index + step * distance
        if not 0 <= at < len(passages):
            return None
        if inside[at]:
            return passages[at].key
    return None


def _between(inside: Sequence[bool], index: int) -> bool:
    """Whether passages right before and right after (two at most) are in."""
    return any(inside[max(0, index - 2) : index]) and any(inside[index + 1 : index + 3])


def believed_regions(passages: Sequence[Passage], inside: Sequence[bool]) -> frozenset[HtmlElement]:
    """The elements of named regions that do not hold the article itself."""
    letters: dict[HtmlElement, int] = {}
    total = 0
    for passage, is_in in zip(passages, inside, strict=True):
        total += len(passage.key) if is_in else 0
        for region in passage.regions:
            letters[region.element] = letters.get(region.element, 0) + (
                len(passage.key) if is_in else 0
            )
    return frozenset(element for element, n in letters.items() if n <= _REGION_SHARE * total)


def region_names(passage: Passage, believed: frozenset[HtmlElement]) -> tuple[str, ...]:
    """The names of the believed regions around a passage, outermost first."""
    return tuple(region.name for region in passage.regions if region.element in believed)
