"""Captions: the words under the article's own pictures, without whose picture it is.

Extractors leave them out with the pictures, and a caption that names the wrong person is
corrected as silently as a sentence. A caption is the article's when it stands in the article's
own stretch of the page and leads nowhere: teasers have pictures with words under them too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.credits import without_credit
from crawler.extract.furniture import line_name
from crawler.extract.passages import Passage, key_of
from store.model import BlockKind
from store.text import weight

# A picture in one of these regions is not the article's, whatever stands under it. Galleries
# open in layers that name themselves like consent layers.
_STRANGE = frozenset((
    "related", "share", "newsletter", "appeal", "advert", "navigation", "login", "hidden", "form",
    "sidebar", "footer", "about", "credit",
))  # fmt: skip
_FIGURES = ("figure", "amp-img", "table")
_TITLES = ("h1", "h2", "h3", "h4", "h5")
_PAGE = ("body", "html")
_LEVELS = 8  # elements around a picture among which the article's own is looked for
_BEFORE = 25  # passages between a picture over the headline and the first of the text
_AFTER = 6  # passages between the text and a picture behind it
_MOST_LINKED = 0.5
_SHORTEST = 10  # letters; less is a number or a name of a series
_LONGEST = 1_500  # letters; more is a text of its own
_PICTURE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?|mp4|webm)(?:$|[!:,;_])", re.IGNORECASE
)
_ATTACHMENT = re.compile(
    r"attachment|/(?:photo|image|img|media|gallery|galerie|bilder?|foto)s?/", re.IGNORECASE
)


def caption_texts(
    passages: Sequence[Passage],
    inside: Sequence[bool],
    names: Sequence[Sequence[str]],
    title: str | None,
) -> dict[int, str]:
    """The captions of the article's pictures: index of the passage, and its text without credits.

    ``inside`` is the choice of the text, ``names`` the believed regions of each passage.
    """
    text = [
        i for i, is_in in enumerate(inside) if is_in and passages[i].kind is not BlockKind.CAPTION
    ]
    if not text:
        return {}
    start = next((i for i, p in enumerate(passages) if title and p.key == key_of(title)), text[0])
    known = {passages[i].key for i in text} | {key_of(title or "")}
    around = _holders([passages[i].element for i in text])
    found: dict[int, str] = {}
    for index, passage in enumerate(passages):
        if passage.kind is not BlockKind.CAPTION or _STRANGE.intersection(names[index]):
            continue
        if not _stands_with(index, passage.element, start, text, around) or _leads_away(passage):
            continue
        said = without_credit(passage.text)
        if not _says_something(said) or key_of(said) in known:
            continue
        known.add(key_of(said))
        found[index] = said
    return found


def told_in_captions(passages: Sequence[Passage], inside: Sequence[bool]) -> list[Passage]:
    """The passages, captions made paragraphs where they are most of the main text.

    A story in pictures is told in its captions.
    """
    letters = {True: 0, False: 0}
    for passage, is_in in zip(passages, inside, strict=True):
        if is_in and passage.kind is not BlockKind.HEADING:
            letters[passage.kind is BlockKind.CAPTION] += len(passage.key)
    if letters[True] <= letters[False]:
        return list(passages)
    return [
        replace(passage, kind=BlockKind.PARAGRAPH)
        if is_in and passage.kind is BlockKind.CAPTION
        else passage
        for passage, is_in in zip(passages, inside, strict=True)
    ]


def _says_something(text: str) -> bool:
    return _SHORTEST <= weight(key_of(text)) <= _LONGEST and line_name(text) is None


def _holders(elements: Sequence[HtmlElement]) -> set[HtmlElement]:
    """The elements around the text, the page's own frame left out."""
    return {up for element in elements for up in element.iterancestors() if up.tag not in _PAGE}


def _stands_with(
    index: int, element: HtmlElement, start: int, text: Sequence[int], around: set[HtmlElement]
) -> bool:
    """Whether a picture stands in the article's stretch of the page, or close to it."""
    first, last = min(start, text[0]), text[-1]
    if first < index < last:
        return True
    if not first - _BEFORE <= index <= last + _AFTER:
        return False
    near = zip(element.iterancestors(), range(_LEVELS), strict=False)
    return any(up in around and _is_article(up) for up, _ in near)


def _is_article(element: HtmlElement) -> bool:
    names = f"{element.get('itemprop', '')} {element.get('itemtype', '')}".lower()
    return element.tag in ("article", "main", "amp-story") or "article" in names


def _leads_away(passage: Passage) -> bool:
    """Whether a picture or its caption is a link to another page: a teaser, not an illustration."""
    if passage.link_share > _MOST_LINKED:
        return True
    figure = _figure(passage.element)
    if next(figure.iter(*_TITLES), None) is not None:
        return True
    anchors = list(figure.iterancestors("a"))
    anchors += [
        a for a in figure.iter("a") if next(a.iter("img", "picture", "amp-img"), None) is not None
    ]
    return any(_is_elsewhere(a.get("href") or "") for a in anchors)


def _figure(element: HtmlElement) -> HtmlElement:
    """The figure around a caption, or what holds the caption where there is none."""
    up = next((e for e in element.iterancestors(*_FIGURES)), None)
    parent = element.getparent()
    return up if up is not None else element if parent is None else parent


def _is_elsewhere(address: str) -> bool:
    """Whether an address is a page, and neither a picture nor a place on this page."""
    if not address or address.startswith(("#", "javascript:", "data:")):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    return not (
        _PICTURE.search(f"{parts.path}?{parts.query}".replace("?", ""))
        or _ATTACHMENT.search(address)
    )
