"""Cards: sister elements that each show another story by a link and a line of text.

A rail of them can be longer than a short article, is other at every look, and its class names say
nothing ("puff", "col-4"). Its shape does: several alike, each with a link to another page before
its words, and nothing else around them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract.brief import frame_of
from crawler.extract.passages import Passage
from store.text import weight

_LEAST_SISTERS = 3
_LEVELS = 4  # elements around a bare link, the innermost first
_BARE_LINK = 0.9
_MOST_LETTERS = 320  # of a card; an item of a list in an article says more
_MOST_PASSAGES = 6
_STRANGE_SHARE = 0.2  # of the letters around the cards that are not theirs: a title over them
_LEAST_LEFT = 250  # letters of sentences without which cards are all there is
_ENDED = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*$")
_MOSTLY = 0.5  # of the main text
_IS_PATH = re.compile(r"/(?!/)[\x21-\x7e]*\Z")
_PAGE = ("body", "html", "main", "article")


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of a page: their elements, and the indices of the passages in them."""

    elements: tuple[HtmlElement, ...]
    passages: frozenset[int]


NO_CARDS = Cards((), frozenset())


def without_cards(
    passages: Sequence[Passage], inside: Sequence[bool], title: str, cards: Cards
) -> list[bool]:
    """The choice of the text without cards, where a text is left; ``title`` is the headline's key.

    Cards beside the headline's own element are another part of the page. Those in it may be the
    page itself, when they are most of it.
    """
    left = [is_in and index not in cards.passages for index, is_in in enumerate(inside)]
    prose = [i for i, is_in in enumerate(left) if is_in and _ENDED.search(passages[i].text)]
    letters = sum(weight(passages[index].text) for index in prose)
    if not cards.passages or letters < _LEAST_LEFT:
        return list(inside)
    frame = _frame(passages, prose, title)
    if frame is None:
        return left
    held = (i for i in cards.passages if inside[i])
    own = {i for i in held if frame in passages[i].element.iterancestors()}
    if sum(weight(passages[index].text) for index in own) <= letters:
        return left
    return [is_in or index in own for index, is_in in enumerate(left)]


def hide_text(passages: Sequence[Passage], reading: str, title: str, cards: Cards) -> bool:
    """Whether cards were taken for the main text though the headline's own element holds a text.

    ``reading`` is the main text's key, ``title`` the headline's.
    """
    taken = sum(len(k) for k in {passages[i].key for i in cards.passages} if k in reading)
    if taken <= _MOSTLY * len(reading):
        return False
    prose = [
        i
        for i, passage in enumerate(passages)
        if i not in cards.passages and not passage.regions and _is_prose(passage)
    ]
    frame = _frame(passages, prose, title)
    if frame is None or any(frame in card.iterancestors() for card in cards.elements):
        return False
    own = (passages[i] for i in prose if frame in passages[i].element.iterancestors())
    return sum(weight(passage.text) for passage in own) >= _LEAST_LEFT


def _is_prose(passage: Passage) -> bool:
    return passage.link_share < _BARE_LINK / 2 and _ENDED.search(passage.text) is not None


def _frame(passages: Sequence[Passage], prose: Sequence[int], title: str) -> HtmlElement | None:
    """The smallest element around the headline and the text's first sentence after it."""
    at = next((i for i, passage in enumerate(passages) if title and passage.key == title), None)
    first = next((i for i in prose if at is not None and i > at), None)
    if at is None or first is None:
        return None
    return frame_of(passages[at].element, passages[first].element)


def find_cards(passages: Sequence[Passage], address: str) -> Cards:
    """The cards of a page; ``address`` is its own."""
    held = _held(passages)
    sisters: dict[tuple[HtmlElement, str, str], list[HtmlElement]] = defaultdict(list)
    for element in dict.fromkeys(_likely(passages, address)):
        parent = element.getparent()
        if parent is not None and _is_card(passages, held[element]):
            sisters[parent, str(element.tag), element.get("class") or ""].append(element)
    found: dict[HtmlElement, None] = {}
    for (parent, _, _), cards in sisters.items():
        inside = {index for card in cards for index in held[card]}
        if len(cards) >= _LEAST_SISTERS and _are_alone(passages, inside, held.get(parent, [])):
            found |= dict.fromkeys(cards)
    return Cards(tuple(found), frozenset(index for card in found for index in held[card]))


def _held(passages: Sequence[Passage]) -> dict[HtmlElement, list[int]]:
    """The passages under each element within a few levels of them."""
    held: dict[HtmlElement, list[int]] = defaultdict(list)
    for index, passage in enumerate(passages):
        held[passage.element].append(index)
        for up, _ in zip(passage.element.iterancestors(), range(_LEVELS + 1), strict=False):
            held[up].append(index)
    return held


def _likely(passages: Sequence[Passage], address: str) -> Iterator[HtmlElement]:
    """The elements around bare links to other pages that may be cards."""
    for passage in passages:
        if passage.link_share < _BARE_LINK or not _leads_elsewhere(passage, address):
            continue
        around = zip(
            (passage.element, *passage.element.iterancestors()), range(_LEVELS), strict=False
        )
        for element, _ in around:
            if element.tag in _PAGE[:3]:
                break
            yield element


def _leads_elsewhere(passage: Passage, address: str) -> bool:
    """Whether a passage links to another page: the posts of a live report link to themselves."""
    own = urlsplit(address).path.rstrip("/")
    name = own.rpartition("/")[2]
    for target in passage.targets:
        if not target or target.startswith("#"):
            return False
        if _IS_PATH.match(target) and name not in target:
            continue  # a path that leads here would end in the same name
        try:
            path = urlsplit(urljoin(address, target.strip())).path.rstrip("/")
        except ValueError:
            return False
        if path == own:
            return False
    return bool(passage.targets)


def _is_card(passages: Sequence[Passage], held: Sequence[int]) -> bool:
    """Whether an element opens with a bare link and goes on with a line of text, no more."""
    if not 2 <= len(held) <= _MOST_PASSAGES:
        return False
    return sum(len(passages[index].text) for index in held) <= _MOST_LETTERS


def _are_alone(passages: Sequence[Passage], cards: set[int], around: Sequence[int]) -> bool:
    """Whether hardly anything but cards stands in the element around them."""
    own = sum(len(passages[index].text) for index in cards)
    others = sum(len(passages[index].text) for index in around if index not in cards)
    return others <= _STRANGE_SHARE * own
