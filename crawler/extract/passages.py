"""The page as passages: every run of text in document order, before any noise rule.

A passage is what a reader sees as one paragraph. It knows the element it stands
in, what it links to, and which named regions of the page ("nav", "related",
"share" …) hold it. Nothing is thrown away here but scripts and form fields;
choosing is the work of ``body``, ``notes`` and ``furniture``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from crawler.extract.regions import Region, region_of
from store.compare.notes import looks_like_note
from store.model import BlockKind
from store.text import clean

# No words for a reader in these.
_SKIPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "select",
    "option", "datalist", "button", "input", "textarea", "canvas", "audio", "video", "map", "head",
    "title", "meta", "link", "base", "applet", "frame", "frameset",
))  # fmt: skip
# Inline elements run on in the text around them; every other element starts a new passage.
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "picture", "q", "rb", "rp", "rt",
    "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr", "amp-img",
))  # fmt: skip
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), BlockKind.HEADING),
    **dict.fromkeys(("li", "dt", "dd"), BlockKind.LIST_ITEM),
    "blockquote": BlockKind.QUOTE,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
    "tr": BlockKind.TABLE,
    "pre": BlockKind.PREFORMATTED,
}
# A caption that is no figcaption names itself, and stands close to a picture.
_CAPTION = re.compile(
    r"(?:^|[\s_-])(?:\w{0,20}caption|(?:image|img|photo|pic)[_-]?desc(?:r|ription)?|bildunterschrift|bildtext\w*|bildetekst|"
    r"billedtekst|kuvateksti|onderschrift|didascalia|pie-?(?:de-?)?foto|l[eé]gende|cutline)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_PICTURES = ("img", "picture", "video", "amp-img", "amp-video", "iframe", "svg", "canvas")
_PICTURE_LEVELS = 3  # elements around a caption within which its picture stands
# These hold no blocks (HTML 4.4.1, 4.3.6), so an element of a site's own making runs on in them.
_PHRASES = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6"))
_BREAK = "\x1e"  # a <br>; the sign itself never comes out of the parser
_BLANK_LINE = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")
_HINT = re.compile(r"[a-z][a-z_-]{2,39}", re.IGNORECASE)
_HINT_LEVELS = 3  # the element itself and its two nearest ancestors
_MOST_HINTS = 16
_LONGEST_ADDRESS = 2083
# A label in an element of its own has no sign behind it: the element's end is the sign.
_LABELS = frozenset(("b", "em", "i", "mark", "small", "span", "strong"))
_LONGEST_LABEL = 40
_ENDS = frozenset('.!?…"”’»)]')
_LAYOUT = ("p", "div", "table", "h1", "h2", "h3", "ul", "ol", "section", "article")


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph-like run of text on the page.

    ``link_share`` is the part of its letters that stand inside links (0 … 1), ``targets``
    where they lead, as written. ``regions`` are the named regions around it, outermost
    first. ``key`` is its text in letters and digits only, lower case: what two
    readings of it have in common.
    """

    element: HtmlElement
    kind: BlockKind
    text: str
    key: str
    link_share: float = 0.0
    targets: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()


@dataclass(slots=True)
class _Run:
    """Text that is being gathered for the next passage."""

    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    targets: list[str] = field(default_factory=list)

    def add(self, text: str | None, *, linked: bool) -> None:
        if text:
            self.pieces.append(text)
            if linked:
                self.linked += len(text.strip())


@dataclass(slots=True)
class _Open:
    """A block element that is open at this moment."""

    element: HtmlElement
    kind: BlockKind
    regions: tuple[Region, ...]


@lru_cache(maxsize=4096)
def key_of(text: str) -> str:
    """Letters and digits of a text, lower case, for telling two readings of it alike."""
    return re.sub(r"[\W_]+", "", text).lower()


def passages(root: HtmlElement) -> list[Passage]:
    """All passages under ``root`` in document order."""
    walk = _Walk(root)
    events = iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element)
        elif element.tag in _SKIPPED or not isinstance(element.tag, str) or walk.passes(element):
            events.skip_subtree()
        else:
            walk.enter(element, element.tag)
    return walk.found


class _Walk:
    """The state of one pass over a page: open blocks, gathered text, finished passages."""

    def __init__(self, root: HtmlElement) -> None:
        self.found: list[Passage] = []
        self._root = root
        self._stack = [_Open(root, BlockKind.PARAGRAPH, ())]
        self._run = _Run()
        self._anchors = 0

    def passes(self, element: HtmlElement) -> bool:
        """Whether an element is left out: whose picture it is, within its caption."""
        if self._stack[-1].kind is not BlockKind.CAPTION or element.tag not in _INLINE:
            return False
        region = region_of(element)
        return region is not None and region.name in ("credit", "hidden", "data")

    def enter(self, element: HtmlElement, tag: str) -> None:
        """An element begins: it runs on in the open block, or opens one."""
        if tag == "a":
            self._anchors += 1
            self._run.targets.append(element.get("href") or "")
        elif tag == "br":
            self._run.add(_BREAK, linked=False)
        elif not self._runs_on(element, tag):
            self._flush()
            self._stack.append(_opened(element, tag, self._stack[-1]))
        elif tag in ("td", "th") and self._run.pieces:
            self._run.add(" ", linked=False)
        self._run.add(element.text, linked=self._anchors > 0)

    def leave(self, element: HtmlElement) -> None:
        """An element ends: a block is finished; the text behind it belongs to the one around."""
        if element.tag == "a":
            self._anchors -= 1
        elif self._stack[-1].element is element:
            self._flush()
            if len(self._stack) > 1:
                self._stack.pop()
        elif element.tag in _LABELS and _ends_a_passage(self._run.pieces, element):
            self._run.add(_BREAK * 2, linked=False)
        if element is not self._root:
            self._run.add(element.tail, linked=self._anchors > 0)

    def _runs_on(self, element: HtmlElement, tag: str) -> bool:
        """Whether an element stays in the open passage (a cell does, in its table row)."""
        inside = self._stack[-1]
        in_row = inside.kind is BlockKind.TABLE and inside.element.tag == "tr"
        is_own = "-" in tag and inside.element.tag in _PHRASES
        return in_row or is_own or (tag in _INLINE and not _is_caption(element, inside.kind))

    def _flush(self) -> None:
        if self._run.pieces:
            self.found.extend(_passages_of(self._run, self._stack[-1]))
        if self._run.pieces or self._run.targets:
            self._run = _Run()


def _ends_a_passage(pieces: Sequence[str], element: HtmlElement) -> bool:
    """Whether another passage begins behind an inline element."""
    return _draws_a_break(pieces, element) or _is_own_label(pieces, element)


def _is_own_label(pieces: Sequence[str], element: HtmlElement) -> bool:
    """Whether all of a passage so far is a note's label in this element, and a text follows.

    "<b>Update</b> The council …": run together, nobody could tell the label from the sentence.
    """
    behind = (element.tail or "").strip()
    after = None if behind else element.getnext()
    if after is not None:
        behind = f"{after.text or ''}{after.tail or ''}".strip()
    if not behind[:1].isupper():
        return False
    label = " ".join("".join(pieces).split())
    is_short = 0 < len(label) <= _LONGEST_LABEL
    return is_short and label[-1].isalpha() and _reads_as_label(label)


def _draws_a_break(pieces: Sequence[str], element: HtmlElement) -> bool:
    """Whether an empty element parts what would else run together: "… of years.A series of …".

    Its style makes a new line of it; nobody writes so. It stands behind a sentence, or behind an
    element of its own: a line in bold.
    """
    if len(element) or element.text or not pieces:
        return False
    before, after = element.getprevious(), element.getnext()
    follows = before is not None and before.tag in _INLINE and not before.tail
    runs_on = after.text if after is not None and after.tag in _INLINE else ""
    behind = element.tail or runs_on or ""
    said = pieces[-1][-1:]
    return behind[:1].isupper() and (said in _ENDS or (follows and said.islower()))


@lru_cache(maxsize=4096)
def _reads_as_label(text: str) -> bool:
    """``looks_like_note`` in any language, remembered: pages repeat their bold words."""
    return looks_like_note(text, None)


def _opened(element: HtmlElement, tag: str, inside: _Open) -> _Open:
    region = region_of(element)
    regions = inside.regions if region is None else (*inside.regions, region)
    return _Open(element, _kind(element, tag, inside.kind), regions)


def _kind(element: HtmlElement, tag: str, inherited: BlockKind) -> BlockKind:
    """The kind an element gives its text; a paragraph in a quotation stays a quotation."""
    kind = _KINDS.get(tag)
    if kind is BlockKind.TABLE and next(element.iter(*_LAYOUT), None) is not None:
        return BlockKind.PARAGRAPH  # a table used to lay out the page
    if kind is not None:
        return kind
    if _is_caption(element, inherited):
        return BlockKind.CAPTION
    if inherited in (BlockKind.QUOTE, BlockKind.LIST_ITEM, BlockKind.CAPTION):
        return inherited
    return BlockKind.PARAGRAPH


def _is_caption(element: HtmlElement, around: BlockKind) -> bool:
    """Whether an element outside other captions names itself one, close to a picture."""
    names = element.get("class")
    if not names or around is BlockKind.CAPTION or not _CAPTION.search(names):
        return False
    levels = zip(element.iterancestors(), range(_PICTURE_LEVELS), strict=False)
    return any(next(up.iter(*_PICTURES), None) is not None for up, _ in levels)


def _passages_of(run: _Run, inside: _Open) -> Iterator[Passage]:
    """The passages of a finished run: one, or several where blank lines part them."""
    joined = "".join(run.pieces)
    letters = len(joined.strip())
    if not letters:
        return
    for part in _BLANK_LINE.split(joined) if _BREAK in joined else (joined,):
        text = " ".join(clean(part.replace(_BREAK, " ")).split())
        key = key_of(text)
        if key:
            yield Passage(
                element=inside.element,
                kind=inside.kind,
                text=text,
                key=key,
                link_share=min(1.0, run.linked / letters),
                targets=tuple(run.targets),
                regions=inside.regions,
            )


def links(passage: Passage, address: str) -> tuple[str, ...]:
    """Where a passage links to on the web, absolute, each once."""
    found: dict[str, None] = {}
    for target in passage.targets:
        if not target or len(target) > _LONGEST_ADDRESS or target.startswith("#"):
            continue
        try:
            absolute = urljoin(address, target.strip())
        except ValueError:  # "http://[broken"
            continue
        if absolute.startswith(("http://", "https://")):
            found[clean(absolute)] = None
    return tuple(found)


def hints(passage: Passage) -> tuple[str, ...]:
    """Class and id words of a passage's element and its nearest ancestors, nearest first."""
    words: dict[str, None] = {}
    current: HtmlElement | None = passage.element
    for _ in range(_HINT_LEVELS):
        if current is None or current.tag in ("body", "html"):
            break
        for word in _HINT.findall(f"{current.get('class', '')} {current.get('id', '')}"):
            words[word.lower()] = None
        current = current.getparent()
    return tuple(words)[:_MOST_HINTS]
