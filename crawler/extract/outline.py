"""A page read by its outlet's layout: which elements are what. Pure.

The page keeps its notes whatever the layout says, and where no layout fits, the generic reader
reads it, and the document says so (``Document.layout``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.passages import Passage
from crawler.layout import Layout, Outlet, as_xpath
from store.text import clean

NO_LAYOUT_FITS = "none"
"""What ``Document.layout`` says where the outlet has layouts and the page has none of them."""
# Fewer letters are no text: the least with which anything can be told to be an article.
_LEAST = 40
_MOST_ELEMENTS = 5_000
_LONGEST_HEADLINE = 400
_SAMPLE = 5_000  # letters that a language is guessed from


@dataclass(frozen=True, slots=True)
class Outline:
    """What a layout found on a page. ``since`` is the layout's date."""

    since: str
    body: frozenset[HtmlElement]
    standfirst: frozenset[HtmlElement]
    notes: frozenset[HtmlElement]
    headline: str | None
    next_page: str | None
    sample: str

    def inside(self, passages: Sequence[Passage]) -> list[bool]:
        """For each passage, whether it stands in the body, the standfirst or a note."""
        return [_within(one, self.body | self.standfirst | self.notes) for one in passages]

    def leading(self, passages: Sequence[Passage], headline: str) -> frozenset[int]:
        """The indices of the standfirst's passages; ``headline`` is the headline's key."""
        return frozenset(
            index
            for index, one in enumerate(passages)
            if one.key != headline and _within(one, self.standfirst)
        )


def outline(tree: HtmlElement, url: str, outlet: Outlet | None) -> Outline | None:
    """Find the newest layout whose body a page holds, and take what it drops out of ``tree``.

    None where the outlet has no layout, or the page none of them.
    """
    for layout in reversed(outlet.layout if outlet else ()):
        dropped = set(_select(tree, layout.drop))
        body = [one for one in _select(tree, layout.body) if not _under(one, dropped)]
        sample = " ".join(_text(one) for one in body)
        if len(sample) >= _LEAST:
            for element in dropped:
                if element.getparent() is not None:
                    element.drop_tree()
            return _drawn(tree, url, layout, body, sample)
    return None


def _drawn(
    tree: HtmlElement, url: str, layout: Layout, body: Iterable[HtmlElement], sample: str
) -> Outline:
    headlines = (_text(one) for one in _select(tree, layout.headline))
    return Outline(
        since=str(layout.since),
        body=frozenset(body),
        standfirst=frozenset(_select(tree, layout.standfirst)),
        notes=frozenset(_select(tree, layout.notes)),
        headline=next((text[:_LONGEST_HEADLINE] for text in headlines if text), None),
        next_page=_next_page(tree, url, layout),
        sample=sample[:_SAMPLE],
    )


def _next_page(tree: HtmlElement, url: str, layout: Layout) -> str | None:
    """The address of the following page on this page's own host, where the layout names it."""
    for element in _select(tree, layout.next_page):
        try:
            address = urljoin(url, (element.get("href") or "").strip()).partition("#")[0]
            here = urlsplit(address).netloc == urlsplit(url).netloc
        except ValueError:  # "http://[broken"
            continue
        if here and element.get("href") and address != url:
            return address
    return None


@lru_cache(maxsize=1024)
def _path(selector: str) -> etree.XPath:
    return etree.XPath(as_xpath(selector))


def _select(tree: HtmlElement, selectors: Iterable[str]) -> list[HtmlElement]:
    found: dict[HtmlElement, None] = {}
    for selector in selectors:
        chosen = _path(selector)(tree)
        for one in chosen[:_MOST_ELEMENTS] if isinstance(chosen, list) else ():
            if isinstance(one, HtmlElement):
                found[one] = None
    return list(found)


def _text(element: HtmlElement) -> str:
    return " ".join(clean(str(element.text_content())).split())


def _under(element: HtmlElement, others: set[HtmlElement]) -> bool:
    return bool(others) and any(up in others for up in (element, *element.iterancestors()))


def _within(passage: Passage, elements: frozenset[HtmlElement]) -> bool:
    around = (passage.element, *passage.element.iterancestors())
    return bool(elements) and any(up in elements for up in around)
