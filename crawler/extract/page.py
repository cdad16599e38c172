"""One page in, one document out. Pure: no network, no disk, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import metadata

from lxml.html import HtmlElement
from trafilatura import load_html

from crawler.extract.body import (
    MainText,
    believed_regions,
    chosen,
    explains,
    main_text,
    region_names,
)
from crawler.extract.brief import without_strangers
from crawler.extract.captions import caption_texts, told_in_captions
from crawler.extract.cards import NO_CARDS, Cards, find_cards, hide_text, without_cards
from crawler.extract.comments import take_comments
from crawler.extract.decode import decode, mended, without_false_references
from crawler.extract.furniture import furniture
from crawler.extract.head import byline, headline, times
from crawler.extract.lead import lead, standfirst
from crawler.extract.metadata import Metadata, claims_of, read_metadata
from crawler.extract.notes import article_notes
from crawler.extract.outline import NO_LAYOUT_FITS, Outline, outline
from crawler.extract.pages import page_links
from crawler.extract.passages import Passage, hints, key_of, links, passages
from crawler.gate import judge_page
from crawler.layout import AFTER_SCRIPTS, Layouts, Outlet, packaged
from store.compare.language import guess_language
from store.compare.notes import find_notes, mark_notes
from store.compare.standfirst import as_standfirst
from store.model import AS_SERVED, Block, BlockKind, Document
from store.text import clean

# Our own revision, then those of the libraries that decide what the text is: a
# document is compared only with one that was read by the same stamp.
_REVISION = 4
EXTRACTOR = " ".join(
    (
        f"storylapse-{_REVISION}",
        *(f"{library}-{metadata.version(library)}" for library in ("trafilatura", "lxml")),
    )
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page's passages and cards, and which are the article: by its main text, or its layout."""

    passages: list[Passage]
    reading: MainText | Outline
    cards: Cards = NO_CARDS


def read_page(
    html: str | bytes,
    url: str,
    content_type: str | None = None,
    layouts: Layouts | None = None,
) -> Document:
    """What a page says: headline, blocks, notes, comments, claims; and whether it is an article.

    ``content_type`` is the response header, used for the character set of bytes; ``layouts``
    are the outlets' own (None: those that come with Storylapse).
    Never raises on any content; a page without a readable tree gives a document
    without blocks whose quality says so. Bound its time and memory from outside
    (``crawler.parsers``).
    """
    text = decode(html, content_type) if isinstance(html, bytes) else html
    stamp = _stamp((layouts or packaged()).of(url), text)
    text = without_false_references(clean(mended(text)))
    tree = load_html(text) if text.strip() else None
    outlet = (layouts or packaged()).of(url)
    if tree is None:
        document = Document(address=url, headline=None, blocks=())
    else:
        # lxml makes an element's Python object anew at every walk of the page, unless one is held.
        held = list(tree.iter())
        document = _read(tree, url, outlet)
        del held
    return replace(document, quality=judge_page(document, text), extractor=stamp)


def stamp_of(address: str, layouts: Layouts | None = None) -> str:
    """What reads the pages of an address's host now: this reader, and its outlet's layouts."""
    return _stamp((layouts or packaged()).of(address), AFTER_SCRIPTS)


def _stamp(outlet: Outlet | None, page: str) -> str:
    """What reads a page; where scripts are wanted, what was kept without them is no like of it."""
    if outlet is None:
        return EXTRACTOR
    apart = outlet.javascript and not page.startswith(AFTER_SCRIPTS)
    return f"{EXTRACTOR} {outlet.stamp}{AS_SERVED if apart else ''}"


def _read(tree: HtmlElement, url: str, outlet: Outlet | None) -> Document:
    data = read_metadata(tree, url)
    claims = claims_of(data)
    comments = take_comments(tree)
    drawn = outline(tree, url, outlet)
    title = (drawn.headline if drawn else None) or headline(tree, data)
    seen = _Seen(passages(tree), drawn) if drawn else _main_text(tree, url, key_of(title or ""))
    language = data.language or guess_language(seen.reading.sample)
    author = byline(tree, data)
    said = _said(seen, url, title=title, data=data, language=language)
    said = [(block, apart) for block, apart in said if not _is_byline(block.text, author)]
    blocks = tuple(block for block, _ in said)
    notes = find_notes(blocks, language, claims)
    blocks = mark_notes(blocks, notes)
    published, modified = times(tree, claims.published, claims.modified)
    return Document(
        address=url,
        headline=title,
        blocks=blocks,
        standfirst=as_standfirst([b for b, (_, apart) in zip(blocks, said, strict=True) if apart]),
        byline=author,
        published=published,
        modified=modified,
        language=language,
        notes=notes,
        comments=comments,
        claims=claims,
        page_links=page_links(tree, url),
        next_page=drawn.next_page if drawn else None,
        layout=(drawn.since if drawn else NO_LAYOUT_FITS) if outlet and outlet.layout else None,
    )


def _main_text(tree: HtmlElement, url: str, title: str) -> _Seen:
    """The page with its main text; read again without its cards where they were taken for it.

    ``title`` is the headline's key.
    """
    reading, found = main_text(tree), passages(tree)
    cards = find_cards(found, url)
    if not hide_text(found, reading.key, title, cards):
        return _Seen(found, reading, cards)
    for element in cards.elements:
        element.drop_tree()
    reading, found = main_text(tree), passages(tree)
    return _Seen(found, reading, find_cards(found, url))


def _said(
    seen: _Seen,
    url: str,
    *,
    title: str | None,
    data: Metadata,
    language: str | None,
) -> list[tuple[Block, bool]]:
    """The article's blocks: the main text's, its lead, captions and notes; without furniture.

    With each, whether the page sets it apart as the standfirst.
    """
    found, reading = seen.passages, seen.reading
    drawn = isinstance(reading, Outline)
    inside = reading.inside(found) if isinstance(reading, Outline) else chosen(found, reading)
    found = told_in_captions(found, inside)
    if isinstance(reading, Outline):
        leading = reading.leading(found, key_of(title or ""))
    elif not explains(found, inside, reading):
        return [(block, False) for block in reading.blocks]
    else:
        inside = without_cards(found, inside, key_of(title or ""), seen.cards)
        inside = without_strangers(found, inside, key_of(title or ""))
        leading = lead(found, inside, title, data)
    inside = [is_in or index in leading for index, is_in in enumerate(inside)]
    believed = believed_regions(found, inside)
    names = [region_names(passage, believed) for passage in found]
    captions = caption_texts(found, inside, names, title)
    noise = furniture(found, inside, [()] * len(found) if drawn else names)
    notes = article_notes(found, inside, noise, names, language)
    apart = leading if drawn else standfirst(found, inside, leading)
    return [
        (_block(passage, captions.get(index, passage.text), url), index in apart)
        for index, passage in enumerate(found)
        if index in notes
        or index in leading
        or index in captions
        or (inside[index] and not noise[index] and not _is_furnished(passage, title))
    ]


def _block(passage: Passage, text: str, url: str) -> Block:
    return Block(passage.kind, text, links(passage, url), hints(passage))


def _is_furnished(passage: Passage, title: str | None) -> bool:
    """Whether a passage is told apart from the text: the headline, or no caption of the article."""
    return passage.kind is BlockKind.CAPTION or _is_headline(passage, title)


def _is_headline(passage: Passage, title: str | None) -> bool:
    return passage.kind is BlockKind.HEADING and passage.key == key_of(title or "")


def _is_byline(text: str, author: str | None) -> bool:
    """Whether a block says nothing but who wrote the article: that is told apart from its text."""
    return author is not None and key_of(text) == key_of(author)
