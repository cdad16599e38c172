"""Articles spread over several pages: which address is which page, and which are offered. Pure.

A page of an article is known by its address alone: the article's own, with a page number added in
one of the usual ways. So a "next" that leads to another story or to a section is never one, and
numbers that only grow end every circle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml.html import HtmlElement

# What sites call a page of an article in addresses: English, German, Spanish and Italian,
# Portuguese, French (as English), Scandinavian, Polish, Dutch. Never "comment-page".
_WORD = r"(?:page|pg|p|seite|pagina|pag|sida|side|strona|pagenum|page_number|pageno|paged)"
_QUERY = re.compile(rf"{_WORD}\Z", re.IGNORECASE)
_NUMBER = r"0{0,2}([1-9]\d{0,2})"
_BEHIND = re.compile(rf"(?:/|[/,;_-]{_WORD}[/=,_-]?){_NUMBER}/?\Z", re.IGNORECASE)
# Before ".html" a bare number may follow a mark too: "harbour-2.html".
_INSIDE = re.compile(rf"(?:[/,;_-]|[/,;_-]{_WORD}[/=,_-]?){_NUMBER}\Z", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:[sx]?html?|php\d?|aspx?|jsp|cfm)\Z", re.IGNORECASE)
# A link to the next page says so, or shows its number.
_NEXT = re.compile(
    r"\W*(?:next|next page|continue(?: reading)?|read on|weiter(?:lesen)?|nächste(?: seite)?|"
    r"(?:page|seite|página|pagina|sida|side|strona) \d{1,3}|suivante?|page suivante|siguiente|"
    r"próxima|seguinte|avanti|successiva|volgende|nästa|neste|næste|następna|\d{1,3})\W*\Z",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_ARROW = re.compile(r"[\s>»›→⟩❯-]{1,5}\Z")
_LONGEST = 2_000
_MOST_LINKS = 5_000
_MOST_OFFERED = 50


def page_links(tree: HtmlElement, url: str) -> tuple[str, ...]:
    """The addresses on this page's host that it offers as numbered pages, each once, absolute.

    ``url`` is the page's own address. Which of them are pages of the article, ``page_number``
    says. Readers' comments are to be cut out of ``tree`` before.
    """
    own = urlsplit(url)
    found: dict[str, None] = {}
    for address in _offered(tree, url):
        parts = urlsplit(address)
        if parts.netloc.lower() == own.netloc.lower() and "comment" not in parts.fragment.lower():
            found[address.partition("#")[0]] = None
        if len(found) >= _MOST_OFFERED:
            break
    return tuple(found)


def _offered(tree: HtmlElement, url: str) -> Iterator[str]:
    for element, _ in zip(tree.iter("a", "link"), range(_MOST_LINKS), strict=False):
        target = (element.get("href") or "").strip()
        if len(target) > _LONGEST or not _DIGIT.search(target) or not _speaks_of_a_page(element):
            continue
        try:
            address = urljoin(url, target)
            urlsplit(address)
        except ValueError:  # "http://[broken"
            continue
        yield address


def _speaks_of_a_page(element: HtmlElement) -> bool:
    if "next" in (element.get("rel") or "").lower().split():
        return True
    if element.tag == "link":
        return False
    text = " ".join(str(element.text_content()).split()) or element.get("aria-label") or ""
    return len(text) <= 30 and bool(_NEXT.match(text) or (text and _ARROW.match(text)))


def page_number(article: str, address: str) -> int | None:
    """Return which page of ``article`` (its first page's address) stands at ``address``.

    1 is the first page; None where the address is no page of the article by its form.
    """
    base, other = urlsplit(article), urlsplit(address)
    if base.netloc.lower() != other.netloc.lower():
        return None
    one, two = base.path.rstrip("/"), other.path.rstrip("/")
    if one == two:
        return _in_query(base.query, other.query)
    if base.query != other.query or not one:
        return None
    return _in_path(one, two)


def _in_query(base: str, other: str) -> int | None:
    try:
        known, pairs = (parse_qsl(text, keep_blank_values=True) for text in (base, other))
    except ValueError:  # too many fields
        return None
    if sorted(known) == sorted(pairs):
        return 1
    added = [pair for pair in pairs if pair not in known]
    if len(added) != 1 or len(pairs) != len(known) + 1 or not _QUERY.match(added[0][0]):
        return None
    number = re.fullmatch(_NUMBER, added[0][1])
    return int(number[1]) if number else None


def _in_path(base: str, other: str) -> int | None:
    if other.startswith(base):
        match = _BEHIND.match(other, len(base))
        return int(match[1]) if match else None
    ending = _ENDING.search(base)
    if ending is None or not other.lower().endswith(ending[0].lower()):
        return None
    stem = base[: ending.start()]
    if not other.startswith(stem):
        return None
    match = _INSIDE.match(other[: -len(ending[0])], len(stem))
    return int(match[1]) if match else None


def address_of_page(article: str, number: int, offered: Sequence[str]) -> str | None:
    """Return the address of page ``number`` of an article, where a page offers it."""
    return next((one for one in offered if page_number(article, one) == number), None)
