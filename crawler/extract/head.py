"""The article's frame as the page shows it: headline, byline, times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement
from rapidfuzz import fuzz

from crawler.extract.furniture import line_name
from crawler.extract.metadata import Metadata, authors_of, json_text, stamp
from store.text import clean

_HEADLINE = re.compile(
    r"headline|(?:^|[\s_-])title(?:$|[\s_-])|(?:entry|post|article)-?title|überschrift",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|authors|author-?name|autor|auteur|writer)(?:$|[\s_-])|"
    r"(?:^|\s)by(?:$|\s)",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:by|von|par|por|di|da|door|av|af|written by|text:?)\s+", re.IGNORECASE)
_PARTS = re.compile(r"\s+[|–—·»«:-]\s+|\s*\|\s*")  # of a page title: headline, section, outlet
_ALIKE = 85  # rapidfuzz ratio of two spellings of one headline or name
_LONGEST_HEADLINE = 400
_WORD = re.compile(r"\w{3,}")


def headline(tree: HtmlElement, data: Metadata) -> str | None:
    """The headline on the page: its h1, the best of several; metadata only where it shows none.

    Where the h1 is the site's own name, the heading that says what the metadata says.
    """
    parts = [part for part in _PARTS.split(data.title or "") if part]
    title = max(parts, key=len, default=None)
    stated = [json_text(data.article.get("headline")), data.meta.get("og:title")]
    structured = [text for text in stated if text]
    known = [*structured, *([title] if title else [])]
    headings = list(_headings(tree))
    shown = [
        h for h in headings if _likeness(h, structured) >= _ALIKE or not _is_site(h, data, parts)
    ]
    if len(shown) > 1:
        return max(shown, key=lambda text: _likeness(text, known))
    best = _stated(tree, known)
    if shown:
        return best if best and _is_of_a_section(shown[0], [*known, best]) else shown[0]
    if best is not None:
        return best
    return next(iter([*structured, *headings, *known]), None)


def _stated(tree: HtmlElement, known: Sequence[str]) -> str | None:
    """The lesser heading that says what the metadata says: no link, since those lead elsewhere."""
    lesser = [
        text
        for element in tree.iter("h2", "h3")
        if next(element.iterancestors("a", "nav", "aside"), None) is None
        and (text := _text(element)) is not None
    ]
    best = max(lesser, key=lambda text: _likeness(text, known), default=None)
    return best if best is not None and _likeness(best, known) >= _ALIKE else None


def _is_of_a_section(text: str, known: Sequence[str]) -> bool:
    """Whether an h1 shares no word with what the metadata says: "Latest stories" over a stream."""
    words = set(_WORD.findall(text.lower()))
    return words.isdisjoint(word for other in known for word in _WORD.findall(other.lower()))


def _is_site(text: str, data: Metadata, parts: Sequence[str]) -> bool:
    """Whether a heading names the outlet: as its metadata or the tail of the page's title does."""
    names = [data.meta.get("og:site_name"), json_text(data.article.get("publisher"))]
    if len(parts) > 1 and len(parts[-1]) < max(map(len, parts)):
        names.append(parts[-1])
    return any(name and fuzz.ratio(text.lower(), name.lower()) >= _ALIKE for name in names)


def _likeness(text: str, known: Sequence[str]) -> float:
    return max((fuzz.ratio(text, other) for other in known), default=0.0)


def _headings(tree: HtmlElement) -> Iterator[str]:
    """Texts of the h1 elements, or of the heading that names itself the headline."""
    found = [text for text in map(_text, tree.iter("h1")) if text]
    if found:
        yield from dict.fromkeys(found)
        return
    for element in tree.iter("h2", "h3", "div", "span"):
        names = f"{element.get('itemprop', '')} {element.get('class', '')}"
        if element.get("itemprop") == "headline" or (
            element.tag == "h2" and _HEADLINE.search(names)
        ):
            text = _text(element)
            if text:
                yield text
                return


def _text(element: HtmlElement) -> str | None:
    text = " ".join(clean(element.text_content()).split())
    return text if 0 < len(text) <= _LONGEST_HEADLINE else None


def byline(tree: HtmlElement, data: Metadata) -> str | None:
    """Who wrote it: the metadata's names, else what the page shows."""
    stated = authors_of(data)
    if stated:
        return stated
    for element in tree.iter("a", "span", "p", "div", "address"):
        names = f"{element.get('itemprop', '')} {element.get('rel', '')} {element.get('class', '')}"
        if (
            element.get("rel") == "author"
            or element.get("itemprop") == "author"
            or _BYLINE.search(names)
        ):
            text = _BY.sub("", " ".join(clean(element.text_content()).split()))
            if 2 < len(text) <= 120 and not _is_stamp(element, text):
                return text
    return None


def _is_stamp(element: HtmlElement, text: str) -> bool:
    """Whether what stands where a byline is says when: "52 minutes ago"."""
    if line_name(text) is not None or text[0].isdigit():
        return True
    said = (" ".join(clean(e.text_content()).split()) for e in element.iter("time"))
    return any(stamp and len(stamp) > len(text) / 2 for stamp in said)


def times(
    tree: HtmlElement, published: str | None, modified: str | None
) -> tuple[str | None, str | None]:
    """When it was published and changed, by the metadata, else by the page's first time element."""
    if published is None:
        published = next(
            (e.get("datetime") for e in tree.iter("time") if e.get("datetime") or e.get("pubdate")),
            None,
        )
    return stamp(published), stamp(modified)
