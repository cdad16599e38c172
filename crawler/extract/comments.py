"""Readers' comments: found, cut out of the page, and read apart with author and depth.

They are cut before anything else reads the page, so that a growing thread can
neither enter the article nor sway what the extractor takes for the main text.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from lxml.html import HtmlElement

from crawler.extract.passages import Passage, passages
from store.model import Comment

# A word of a class or id that names a thread or a comment, at its beginning. Met in WordPress,
# Disqus, Coral, Facebook, Drupal, Spot.IM, Viafoura, Hyvor, and outlets in eleven languages.
_THREAD = (
    r"comments?|commentlist|kommentare?n?|kommentarer|kommentit|leserkommentare?|commentaires?|"
    r"comentarios?|comentários?|reacties|commenti|komentarze|disqus|dsq|coral|spot-?im|openweb|hyvor|"
    r"talk-?stream|livefyre|viafoura|fb-comments|usercomments?|respond"
)
_AREA = re.compile(
    rf"(?:^|\s)(?:[\w-]{{0,30}}?[_-])?(?:{_THREAD})(?:[_-][\w-]*)?(?=\s|$)", re.IGNORECASE
)
# Ids that are used for nothing else: such an area may be empty of marks.
_SURE = frozenset(
    {"comments", "respond", "disqus_thread", "disqus-thread", "dsq-comments", "kommentare"}
)
_ITEM = re.compile(
    r"(?:^|\s)(?:li-)?(?:comment|kommentar|reply|response|post|user-?comment|single-?comment)"
    r"(?:[_-]{1,2}(?:item|node|entry|single|post|\d+))?(?=\s|$)|(?:^|\s)depth-\d",
    re.IGNORECASE,
)
_INSIDE_ITEM = re.compile(r"(?:^|\s)(?:comment|post)[_-]{1,2}(?:body|content|text|message)(?=\s|$)")
_AUTHOR = re.compile(
    r"(?:^|[\s_-])(?:fn|author|username|user-?name|nickname|nick|commenter|poster|display-?name)(?=$|[\s_-])",
    re.IGNORECASE,
)
# Lists of the site's newest comments, under other articles: cut out, and not read.
_WIDGET = re.compile(
    r"(?:recent|latest|last|popular|newest|top)[_-]?comments|widget", re.IGNORECASE
)
# What stands in a comment and is not its text.
_OUTSIDE = re.compile(
    r"(?:^|[\s_-])(?:meta\w*|metadata|reply-?link|reply|respond|actions?|tools|buttons?|votes?|voting|likes?|"
    r"footer|date|time|timestamp|permalink|edit-?link|report|avatar|says|awaiting-?moderation|menu|"
    r"toggle|sharing|header|headline|rating)(?=$|[\s_-])",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"(?:(?:show|hide|view|load|see)\s+(?:\d+\s+)?(?:more\s+|all\s+)?"
    r"(?:repl(?:y|ies)|comments?|responses?)\b.{0,20}|repl(?:y|ies)(?: to .{1,60})?|"
    r"(?:antworten|répondre|responder|rispondi|svara?|reageer|beantwoorden)\b.{0,20}|"
    r"(?:says|sagt|schreibt|dit|dice|wrote):?|report|share|like|flag|edit|permalink|link|quote|"
    r"melden|zitieren|log in to (?:reply|comment)|"
    r"[•·|\d\s,.▲▼+-]*(?:repl|like|vote|comment|kommentar)?\w*|"
    r"(?:about |vor )?(?:an?|ein\w*|\d+) "
    r"(?:min|hour|day|week|month|year|stund|tag|woch|monat|jahr)\w* ?(?:ago)?)\W*",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\s*\b(?:says|said|sagt|schreibt|dit|dice|wrote)?\s*:?$", re.IGNORECASE)
_AREA_TAGS = ("div", "section", "ol", "ul", "aside", "article", "details", "footer", "li")
_ITEM_TAGS = ("li", "div", "article", "section")
_AUTHOR_TAGS = ("cite", "b", "strong", "span", "a", "div", "p", "h3", "h4", "h5", "address")
_LEAST_LEFT = 140  # letters of paragraphs that must be left when the areas are cut out
_MOST_LINKED = 0.9  # a passage with more of its letters in links is a button or a teaser
_MOST_COMMENTS = 5_000
_LONGEST_NAME = 80


def take_comments(root: HtmlElement) -> tuple[Comment, ...]:
    """Cut every comment area out of the tree (in place) and read what it held."""
    areas = _areas(root)
    if not areas or _letters(root) - sum(map(_letters, areas)) < _LEAST_LEFT:
        return ()
    found: list[Comment] = []
    for area in areas:
        if not _WIDGET.search(_names(area)):
            found.extend(_read(area))
        area.drop_tree()
    return tuple(found[:_MOST_COMMENTS])


def _areas(root: HtmlElement) -> list[HtmlElement]:
    """The outermost elements that name themselves a thread and do not hold the article."""
    found: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in root.iter(*_AREA_TAGS):
        if element.getparent() in inside:
            inside.add(element)
        elif _is_thread(element):
            found.append(element)
            inside.update(element.iter())
    return found


def _is_thread(element: HtmlElement) -> bool:
    if _is_schema_comment(element):
        return True
    names = _names(element)
    if not names or not _AREA.search(names) or element.find(".//h1") is not None:
        return False
    if (element.get("id") or "").lower() in _SURE:
        return True
    return not _holds_article(element) and _has_marks(element)


def _has_marks(element: HtmlElement) -> bool:
    """Whether it holds comments, or a form for one, or hardly anything."""
    if any(_is_item(inner) for inner in element.iterdescendants(*_ITEM_TAGS)):
        return True
    return (
        next(element.iter("textarea", "form"), None) is not None or _letters(element) < _LEAST_LEFT
    )


def _holds_article(element: HtmlElement) -> bool:
    return any(
        "articlebody" in (e.get("itemprop") or "").lower() for e in element.iterdescendants()
    )


def _is_schema_comment(element: HtmlElement) -> bool:
    kind = element.get("itemtype") or element.get("typeof") or ""
    return kind.endswith(("schema.org/Comment", "schema.org/UserComments", "schema:Comment"))


def _names(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}".strip()[:400]


def _letters(element: HtmlElement) -> int:
    return sum(len(p.text_content()) for p in element.iter("p"))


# --------------------------------------------------------------------------
# Reading one area


def _read(area: HtmlElement) -> Iterator[Comment]:
    """The comments of one area, nested ones after the one they answer."""
    items = _items(area)
    said: dict[HtmlElement, list[Passage]] = {}
    for passage in passages(area):
        owner = next((e for e in _upwards(passage.element) if e in items), None)
        if owner is not None and _is_said(passage, owner):
            said.setdefault(owner, []).append(passage)
    for item in items:
        if item not in said:
            continue
        author = _author(item, items)
        words = [_without_name(p.text, author) for p in said[item]]
        text = "\n\n".join(filter(None, words))
        if text:
            depth = sum(up in said for up in item.iterancestors())
            yield Comment(text, author, depth)


def _without_name(text: str, author: str | None) -> str:
    """A passage without the author's name it begins with."""
    return text.removeprefix(author).lstrip(" :–-") if author else text


def _items(area: HtmlElement) -> dict[HtmlElement, None]:
    """The elements of single comments, in document order; list items where none is named."""
    named = [e for e in area.iter(*_ITEM_TAGS) if _is_item(e)]
    return dict.fromkeys(named or area.iter("li"))


def _is_item(element: HtmlElement) -> bool:
    if _is_schema_comment(element):
        return True
    names = _names(element)
    return bool(_ITEM.search(names)) and not _INSIDE_ITEM.search(names)


def _upwards(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()


def _is_said(passage: Passage, owner: HtmlElement) -> bool:
    """Whether a passage is what the reader wrote: not a name, stamp, button or counter."""
    if _LINE.fullmatch(passage.text) or passage.link_share > _MOST_LINKED:
        return False
    for element in _upwards(passage.element):
        if element is owner:
            return True
        names = _names(element)
        if element.tag in ("time", "form", "button", "footer"):
            return False
        if _OUTSIDE.search(names) or _AUTHOR.search(names):
            return False
    return True


def _author(item: HtmlElement, items: Container[HtmlElement]) -> str | None:
    """The name over a comment: the first element in it, outside nested comments, that says so.

    Where no class names it, a short bold text that opens the comment.
    """
    own = [
        element
        for element in item.iterdescendants(*_AUTHOR_TAGS)
        if next((up for up in element.iterancestors() if up in items), None) is item
    ]
    named = [
        e for e in own if e.tag == "cite" or _AUTHOR.search(f"{_names(e)} {e.get('itemprop', '')}")
    ]
    opening = [
        e for e in own[:1] if e.tag in ("b", "strong", "h4", "h5") and not (item.text or "").strip()
    ]
    for element in named or opening:
        name = _SAYS.sub("", " ".join(element.text_content().split()))
        if 0 < len(name) <= _LONGEST_NAME:
            return name
    return None
