"""Short news items: kept free of what extractors add to reach their least length.

An extractor that finds under 250 letters thinks it has missed the text, and fetches
teasers and page ends instead, other ones at every fetch. A short item is told by
its frame: the element that holds the headline and the first paragraph.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.passages import Passage
from store.model import BlockKind
from store.text import weight

# trafilatura's own least length is 250; its rescues stop well before this many letters.
_SHORT = 400
_LEAST = 40  # an item of two short sentences
_BARE_LINK = 0.9
_CARD = 300  # letters; a teaser is no longer
_CHAPTERS = 2  # paragraphs right behind a heading of their own
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_HEAD = re.compile(r"head|hero|title|intro|top", re.IGNORECASE)
_PAGE = ("body", "html")


def without_strangers(
    passages: Sequence[Passage], inside: Sequence[bool], title: str
) -> list[bool]:
    """The choice without what does not belong to a short item; long texts stay as they are.

    ``title`` is the headline's key.
    """
    unchanged = list(inside)
    at = next((i for i, p in enumerate(passages) if title and p.key == title), None)
    prose = [i for i, is_in in enumerate(inside) if is_in and not _is_heading(passages[i])]
    said = (i for i in prose if _SENTENCE_END.search(passages[i].text))
    first = next((i for i in said if at is not None and i > at), None)
    if at is None or first is None:
        return unchanged
    frame = frame_of(passages[at].element, passages[first].element)
    cards = {i for i in prose if not _opens(passages, i, first) and _is_card(passages, i)}
    own = {i for i in prose if i not in cards and _stands_in(passages[i], frame, passages[first])}
    letters = sum(len(passages[i].text) for i in own)
    rest = [i for i in prose if i not in own | cards]
    if not _LEAST <= letters < _SHORT or _is_text(passages, inside, rest):
        return unchanged
    return [
        is_in and i not in cards and _stands_in(passages[i], frame, passages[first])
        for i, is_in in enumerate(inside)
    ]


def _is_heading(passage: Passage) -> bool:
    return passage.kind is BlockKind.HEADING


def frame_of(title: HtmlElement, first: HtmlElement) -> HtmlElement | None:
    """The smallest element around headline and first paragraph, None when it is the page."""
    around = {title, *title.iterancestors()}
    for element in (first, *first.iterancestors()):
        if element.tag in _PAGE:
            return None
        names = f"{element.tag!s} {element.get('class', '')}"
        if element in around and not _HEAD.search(names):
            return element
    return None


def _stands_in(passage: Passage, frame: HtmlElement | None, first: Passage) -> bool:
    """Whether a passage is in the frame; without one, beside the first paragraph."""
    if frame is None:
        return passage.element.getparent() is first.element.getparent()
    return passage.element is frame or frame in passage.element.iterancestors()


def _opens(passages: Sequence[Passage], index: int, first: int) -> bool:
    """Whether a passage leads to the first sentence: no teaser comes before it in its element."""
    own = passages[first].element.getparent()
    return index <= first and passages[index].element.getparent() is own


def _is_card(passages: Sequence[Passage], index: int) -> bool:
    """Whether a passage is the text of a teaser: right behind a bare link in the same element."""
    passage, before = passages[index], passages[index - 1]
    if index == 0 or weight(passage.text) > _CARD or before.link_share < _BARE_LINK:
        return False
    if not set(before.regions) <= set(passage.regions):
        return False  # the link is of a box that ended before the passage
    parent = passage.element.getparent()
    return (
        parent is not None and parent.tag not in _PAGE and parent in before.element.iterancestors()
    )


def _is_text(passages: Sequence[Passage], inside: Sequence[bool], rest: Sequence[int]) -> bool:
    """Whether what stands elsewhere is a text of its own: long in one element, or in chapters."""
    letters: Counter[HtmlElement] = Counter()
    chapters = 0
    for index in rest:
        parent = passages[index].element.getparent()
        if parent is not None:
            letters[parent] += weight(passages[index].text)
        before = passages[index - 1]
        chapters += inside[index - 1] and _is_heading(before) and before.link_share < _BARE_LINK
    return chapters >= _CHAPTERS or any(count >= _SHORT for count in letters.values())
