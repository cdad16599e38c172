"""Articles spread over several pages: what to ask for next, and all of it as one document. Pure.

The first page is looked at as any page is. Where it offers a second one, the rest of the check is
a walk from page to page (``NextPage``, one request each), at whose end stands one snapshot. A page
that should be there and is not makes the check *incomplete*: never an edit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz
from scrapy.http import Response

from crawler import answers
from crawler.answers import Ending
from crawler.extract.pages import address_of_page, page_number
from crawler.extract.passages import key_of
from crawler.headers import headers_of
from crawler.sketches import Known
from store.compare.notes import find_notes, mark_notes
from store.model import Block, Document, Due, Outcome, Page, Snapshot
from store.text import normalise

MOST_PAGES = 20
"""An article is read up to this page; the pages of the longest ones met in the field are ten."""
INCOMPLETE = "incomplete"
"""The detail of a check that lacks a page of the article."""
NO_PART = "no_part"
_PART = "The page was there and was read as a part of the article."
# The last page of an article may be a few lines; a list under its address is no part of it.
_READ_ALL_THE_SAME = frozenset({"too_short", "listing"})
# rapidfuzz token_set_ratio of the headlines of two pages: one may add "page 2" or a subtitle.
_ALIKE = 85
# A passage shorter than this may stand on several pages by chance ("***", "Question:").
_TELLING = 24


@dataclass(frozen=True, slots=True)
class NextPage:
    """A request for the following page of an article, with what the check found so far.

    ``first`` is the check's snapshot by the first page alone, ``known`` what knows that page later,
    ``documents`` what each page said.
    Where ``offered`` is false no page led to it: it was the second page at the look before.
    """

    due: Due
    address: str
    number: int
    first: Snapshot
    documents: tuple[Document, ...]
    known: Known
    pages: tuple[Page, ...] = ()
    offered: bool = True

    @property
    def article_id(self) -> int:
        """The article's number."""
        return self.due.article_id

    @property
    def article(self) -> str:
        """The address of the first page, after redirects."""
        return self.documents[0].address


def after_first(due: Due, first: Snapshot, known: Known) -> NextPage | None:
    """Return the request for page two, None where the first page is all there is."""
    document = first.document
    if document is None or first.fetch.outcome is not Outcome.READ:
        return None
    address = document.next_page or address_of_page(document.address, 2, document.page_links)
    if address is not None:
        return NextPage(due, address, 2, first, (document,), known)
    if due.second_page is None:
        return None
    # A list of pages that is gone may be a fault of the first page: ask the second one.
    return NextPage(due, due.second_page, 2, first, (document,), known, offered=False)


def after(job: NextPage, page: Page, document: Document | None) -> NextPage | Snapshot:
    """Say what comes after a following page was answered: another one, or the end of the check.

    ``page`` says how the request ended, ``document`` what the page says, where it was read.
    """
    if page.outcome is Outcome.GONE and not job.offered:
        return _whole(job, page)  # the article stands on one page now
    if document is None or not (page.outcome is Outcome.READ or page.detail in _READ_ALL_THE_SAME):
        return broken_off(job, page)
    why_not = _no_part(job, page, document)
    if why_not is not None:
        told = replace(page, outcome=Outcome.READ, detail=NO_PART, reason=why_not)
        # Where there was a part of the article before, this is trouble and not its end.
        part_before = job.offered and page.number <= job.due.pages
        return broken_off(job, told) if part_before else _whole(job, replace(told, body=None))
    page = replace(page, outcome=Outcome.READ, detail=answers.READ.detail, reason=_PART)
    job = replace(job, documents=(*job.documents, document))
    links = [link for read in job.documents for link in read.page_links]
    address = document.next_page or address_of_page(job.article, page.number + 1, links)
    if address is None or page.number >= MOST_PAGES:
        return _whole(job, page)
    pages = (*job.pages, page)
    return replace(job, address=address, number=page.number + 1, pages=pages, offered=True)


def broken_off(job: NextPage, page: Page) -> Snapshot:
    """Return the check as it ends where a page of the article is missing."""
    reason = f"Page {page.number} of the article is missing: {page.reason}"
    fetch = replace(
        job.first.fetch,
        outcome=Outcome.FAILED,
        detail=INCOMPLETE,
        reason=reason,
        finished_at=page.finished_at,
    )
    return Snapshot(fetch, job.first.body, None, (*job.pages, page))


def page_of(job: NextPage, ending: Ending, started_at: datetime, now: datetime) -> Page:
    """Return a following page as its request ended, without what an answer brought."""
    words = (ending.outcome, ending.detail, ending.reason)
    return Page(job.number, job.address, started_at, now, *words)


def with_answer(page: Page, response: Response) -> Page:
    """Return the page with what the server answered, as evidence."""
    return replace(
        page,
        status=response.status,
        final_address=answers.moved_to(page.address, response.url),
        body_digest=hashlib.sha256(response.body).hexdigest(),
        headers=headers_of(response),
        body=response.body,
    )


def of_redirect(job: NextPage, final: str) -> Ending | None:
    """Return why the page at ``final`` is not the one asked for, or None."""
    if final == job.address or page_number(job.article, final) in {1, job.number}:
        return None
    return answers.of_redirect(job.address, final) or Ending(
        Outcome.MOVED, "moved", "Its address leads to another page."
    )


def joined(documents: Sequence[Document]) -> Document:
    """Return the pages of an article, in order, as one document. Pure, for a second reading too.

    What a page repeats of those before it (the lead, a note at the foot of each) counts once.
    """
    first = documents[0]
    if len(documents) == 1:
        return replace(first, page_links=(), next_page=None)
    said: set[str] = set()
    blocks: list[Block] = []
    for document in documents:
        fresh = _fresh(document, said)
        blocks += fresh
        said.update(key_of(block.text) for block in document.blocks)
    notes = find_notes(blocks, first.language, first.claims)
    comments = dict.fromkeys(one for document in documents for one in document.comments)
    return replace(
        first,
        blocks=mark_notes(blocks, notes),
        notes=notes,
        comments=tuple(comments),
        page_links=(),
        next_page=None,
    )


def _whole(job: NextPage, last: Page) -> Snapshot:
    first = job.first
    fetch = replace(first.fetch, finished_at=last.finished_at, pages=len(job.documents))
    return Snapshot(fetch, first.body, joined(job.documents), (*job.pages, last))


def _no_part(job: NextPage, page: Page, document: Document) -> str | None:
    """Return why a page that was read is no part of the article, in one sentence, or None."""
    if page.final_address is not None and page_number(job.article, page.final_address) == 1:
        return "The address leads back to the first page."
    if document.quality.detail == "listing":
        return "The page lists other stories and is no part of the article."
    if not _same_story(job, document):
        return "The page has another headline and is no part of the article."
    said = {key_of(block.text) for read in job.documents for block in read.blocks}
    if not any(len(key_of(block.text)) >= _TELLING for block in _fresh(document, said)):
        return "The page says nothing that the pages before it do not say."
    return None


def _same_story(job: NextPage, document: Document) -> bool:
    headline, title = job.documents[0].headline, document.headline
    if not headline or not title:
        return True
    one, two = normalise(headline).lower(), normalise(title).lower()
    canonical = document.claims.canonical
    return fuzz.token_set_ratio(one, two) >= _ALIKE or (
        canonical is not None and page_number(job.article, canonical) == 1
    )


def _fresh(document: Document, said: set[str]) -> list[Block]:
    """The blocks of a page that the pages before it do not have; short ones may come again."""
    return [
        block
        for block in document.blocks
        if len(key_of(block.text)) < _TELLING or key_of(block.text) not in said
    ]
