"""One page in, one document out. Pure: no network, no disk, no clock."""

from __future__ import annotations

from dataclasses import replace
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
from crawler.extract.comments import take_comments
from crawler.extract.decode import decode, mended, without_false_references
from crawler.extract.furniture import furniture
from crawler.extract.head import byline, headline, times
from crawler.extract.lead import lead
from crawler.extract.metadata import Metadata, claims_of, read_metadata
from crawler.extract.notes import article_notes
from crawler.extract.passages import Passage, hints, key_of, links, passages
from crawler.gate import judge_page
from store.compare.language import guess_language
from store.compare.notes import find_notes, mark_notes
from store.model import Block, BlockKind, Document
from store.text import clean

# Our own revision, then those of the libraries that decide what the text is: a
# document is compared only with one that was read by the same stamp.
_REVISION = 2
EXTRACTOR = " ".join(
    (
        f"storylapse-{_REVISION}",
        *(f"{library}-{metadata.version(library)}" for library in ("trafilatura", "lxml")),
    )
)


def read_page(html: str | bytes, url: str, content_type: str | None = None) -> Document:
    """What a page says: headline, blocks, notes, comments, claims; and whether it is an article.

    ``content_type`` is the response header, used for the character set of bytes.
    Never raises on any content; a page without a readable tree gives a document
    without blocks whose quality says so. Bound its time and memory from outside
    (``crawler.parsers``).
    """
    text = decode(html, content_type) if isinstance(html, bytes) else html
    text = without_false_references(clean(mended(text)))
    tree = load_html(text) if text.strip() else None
    if tree is None:
        document = Document(address=url, headline=None, blocks=(), extractor=EXTRACTOR)
    else:
        document = _read(tree, url)
    return replace(document, quality=judge_page(document, text))


def _read(tree: HtmlElement, url: str) -> Document:
    data = read_metadata(tree, url)
    claims = claims_of(data)
    comments = take_comments(tree)
    title = headline(tree, data)
    reading = main_text(tree)
    language = data.language or guess_language(reading.text)
    author = byline(tree, data)
    blocks = _blocks(tree, url, reading, title=title, data=data, language=language)
    blocks = tuple(block for block in blocks if not _is_byline(block.text, author))
    notes = find_notes(blocks, language, claims)
    published, modified = times(tree, claims.published, claims.modified)
    return Document(
        address=url,
        headline=title,
        blocks=mark_notes(blocks, notes),
        byline=author,
        published=published,
        modified=modified,
        language=language,
        notes=notes,
        comments=comments,
        claims=claims,
        extractor=EXTRACTOR,
    )


def _blocks(
    tree: HtmlElement,
    url: str,
    reading: MainText,
    *,
    title: str | None,
    data: Metadata,
    language: str | None,
) -> tuple[Block, ...]:
    """The article's blocks: the main text's, its lead and notes; without furniture and headline."""
    found = passages(tree)
    inside = chosen(found, reading)
    if not explains(found, inside, reading):
        return reading.blocks
    inside = without_strangers(found, inside, key_of(title or ""))
    leading = lead(found, inside, title, data)
    inside = [is_in or index in leading for index, is_in in enumerate(inside)]
    believed = believed_regions(found, inside)
    names = [region_names(passage, believed) for passage in found]
    noise = furniture(found, inside, names)
    notes = article_notes(found, inside, noise, names, language)
    return tuple(
        Block(passage.kind, passage.text, links(passage, url), hints(passage))
        for index, passage in enumerate(found)
        if index in notes
        or index in leading
        or (inside[index] and not noise[index] and not _is_headline(passage, title))
    )


def _is_headline(passage: Passage, title: str | None) -> bool:
    return passage.kind is BlockKind.HEADING and passage.key == key_of(title or "")


def _is_byline(text: str, author: str | None) -> bool:
    """Whether a block says nothing but who wrote the article: that is told apart from its text."""
    return author is not None and key_of(text) == key_of(author)
