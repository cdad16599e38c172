"""The nouns: one word, one meaning, in code, tables, documents and on screen.

Facts (what was observed) are appended and never changed. Findings (what we
make of facts) can be made again and carry the stamp of what made them. Acts
(what people and the product did) are never remade.

Everything here is a frozen value: no clock, no disk, no network. Times are
aware ``datetime`` values in UTC and end in ``_at``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# --------------------------------------------------------------------------
# Outside


class SourceKind(StrEnum):
    """Where links come from."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
    LIST = "list"
    NEWSROOM = "newsroom"


@dataclass(frozen=True, slots=True)
class Link:
    """What a source offered: an address, with the title and stamp it carried."""

    address: str
    title: str | None = None
    stamped_at: datetime | None = None
    wording: int | None = None  # a number made from title and summary, to see that they changed


# --------------------------------------------------------------------------
# Facts


class Outcome(StrEnum):
    """How one fetch ended. A failed fetch is a row with an outcome, never an exception."""

    READ = "read"  # the article was there, and it was recorded
    UNCHANGED = "unchanged"  # the same article as before (304, same bytes, or same reading)
    HELD = "held"  # a reading too odd to believe at once; a second look decides
    GONE = "gone"  # 404, 410, or a page that says so
    MOVED = "moved"  # the address now leads to another address
    REFUSED = "refused"  # robots.txt, legal block, or our own guard said no
    BLOCKED = "blocked"  # captcha, cookie wall, paywall, log-in
    UNREADABLE = "unreadable"  # an answer came, but no article in it
    FAILED = "failed"  # no usable answer: DNS, TLS, timeout, server error


class Why(StrEnum):
    """Why a fetch was made."""

    FIRST = "first"  # never fetched before
    DUE = "due"  # the schedule asked for it
    DEADLINE = "deadline"  # the longest allowed gap was reached
    CONFIRM = "confirm"  # a second look at something odd
    SIGNAL = "signal"  # a feed or sitemap said it changed
    MANUAL = "manual"  # a person asked for it


@dataclass(frozen=True, slots=True)
class Fetch:
    """One attempt to get an article.

    ``detail`` is a short stable word for machines (``http_404``, ``cookie_wall``,
    ``timeout`` …); ``reason`` is the same in one plain sentence for people.
    ``headers`` are the response headers as received, in order, names as sent.
    ``because`` says in one sentence why it was made when it was, ``signal`` what sign of a change
    led to it (``stamp``, ``lastmod``, ``wording``). ``final_address`` is where redirects led,
    ``moved_to`` the same where every one of them was said to be for good (301, 308).
    ``pages`` says from how many pages the article was read; all else is of the first.
    """

    article_id: int
    started_at: datetime
    finished_at: datetime
    why: Why
    outcome: Outcome
    detail: str
    reason: str
    status: int | None = None
    final_address: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None  # SHA-256 of the decoded response body, hex
    headers: tuple[tuple[str, str], ...] = ()
    because: str | None = None
    signal: str | None = None
    moved_to: str | None = None
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """A following page of an article that is spread over several: one request of a check.

    ``number`` counts from 2. ``outcome`` is READ, or what stood there instead; a page that is no
    part of the article (comments, the first page once more) is READ with detail "no_part".
    """

    number: int
    address: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    detail: str
    reason: str
    status: int | None = None
    final_address: str | None = None
    body_digest: str | None = None  # SHA-256 of the decoded response body, hex
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """What somebody else saw of an article: a web archive, or whoever wrote a WARC file.

    Never a check of ours. ``archive`` is the web archive's host, or the file's name; ``address``
    is where the capture stands there, ``captured_address`` the page's address as captured, which
    archives fold with others of the article at ``article_address``.
    ``digest`` is the payload's, as the archive states it ("sha1:…"); ``outcome`` is READ, or
    what stood there instead of the article.
    """

    article_id: int
    article_address: str
    captured_at: datetime
    read_at: datetime
    archive: str
    address: str
    captured_address: str
    outcome: Outcome
    detail: str
    reason: str
    record_id: str | None = None
    digest: str | None = None
    status: int | None = None
    body_digest: str | None = None  # SHA-256 of the decoded page, hex
    headers: tuple[tuple[str, str], ...] = ()


# --------------------------------------------------------------------------
# Findings: what a page says


class BlockKind(StrEnum):
    """What a block is on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    CAPTION = "caption"
    TABLE = "table"
    PREFORMATTED = "preformatted"
    NOTE = "note"  # the outlet speaking about its own article


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph-like unit of the article, white space collapsed to single blanks.

    ``links`` are the addresses it links to. ``hints`` are class and id words of
    the element and its nearest ancestors ("correction", "editors-note"), kept
    because an outlet's own mark-up is evidence for a note.
    """

    kind: BlockKind
    text: str
    links: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class NoteKind(StrEnum):
    """What an outlet's note does, weakest first."""

    UPDATE = "update"
    EDITORS_NOTE = "editors_note"
    CLARIFICATION = "clarification"
    CORRECTION = "correction"
    RETRACTION = "retraction"


class Place(StrEnum):
    """Where in the article a note stands."""

    TOP = "top"
    INLINE = "inline"
    END = "end"
    METADATA = "metadata"  # in the page's schema.org data only, not in its text


@dataclass(frozen=True, slots=True)
class Note:
    """The outlet's own statement about its article.

    ``text`` is exact, label included. ``block`` is the index of its first block
    in the document (None for metadata notes), ``blocks`` how many it spans.
    ``cue`` is the id of the phrase that gave it away ("en/update-label").
    ``stated_time`` is the time or date as the note words it; ``source`` the
    source it cites, as worded. ``confidence`` runs from 0 to 1.
    """

    kind: NoteKind
    text: str
    place: Place
    language: str | None
    cue: str
    block: int | None = None
    blocks: int = 1
    stated_time: str | None = None
    source: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote under the article. Never part of the article."""

    text: str
    author: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Claims:
    """What the publisher's metadata says. Claims are kept as claims, beside what we observed."""

    published: str | None = None
    modified: str | None = None
    corrections: tuple[str, ...] = ()
    correction_times: tuple[str | None, ...] = ()  # of each correction, as stated
    live_blog: bool = False
    canonical: str | None = None
    social_headline: str | None = None
    section: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """Whether the page is an article at all, with the reason in one sentence.

    ``detail`` is a stable word: ``article``, ``cookie_wall``, ``captcha``,
    ``paywall``, ``login``, ``soft_404``, ``listing``, ``too_short`` …
    """

    is_article: bool
    detail: str
    reason: str


AS_SERVED = " as-served"
"""The end of a reader's stamp where a page wants its scripts run, and was kept without."""


@dataclass(frozen=True, slots=True)
class Document:
    """What one body says, as read by one revision of the extractor."""

    address: str
    headline: str | None
    blocks: tuple[Block, ...]
    standfirst: str | None = None
    byline: str | None = None
    published: str | None = None  # RFC 3339 where the page allows, else as worded
    modified: str | None = None
    language: str | None = None  # ISO 639-1
    notes: tuple[Note, ...] = ()
    comments: tuple[Comment, ...] = ()
    claims: Claims = Claims()
    quality: Quality = Quality(
        is_article=True, detail="article", reason="The page reads as an article."
    )
    extractor: str = ""
    # What only the crawl needs to know; not kept with the document.
    page_links: tuple[str, ...] = ()  # further pages that the page offers
    next_page: str | None = None  # the following page, where the outlet's layout names it
    layout: str | None = None  # the date of the outlet's layout that fitted; "none" of them did

    @property
    def text(self) -> str:
        """The article's text: its blocks but the captions, separated by blank lines."""
        shown = (block.text for block in self.blocks if block.kind is not BlockKind.CAPTION)
        return "\n\n".join(shown)


# --------------------------------------------------------------------------
# Findings: what became of it


class LinkKind(StrEnum):
    """What happened to a sentence between two versions."""

    SAME = "same"
    EDITED = "edited"
    REWRITTEN = "rewritten"
    MOVED = "moved"
    MOVED_EDITED = "moved_edited"
    SPLIT = "split"
    MERGED = "merged"
    ABSORBED = "absorbed"  # only a part of a sentence went into, or came out of, another
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """Old sentence indices that became new ones; one side is empty for added and removed.

    ``score`` runs from 0 (nothing in common) to 1 (the same).
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    kind: LinkKind
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the body and the index of the block it stands in."""

    text: str
    block: int


@dataclass(frozen=True, slots=True)
class Span:
    """One run of a redline: ``op`` is "same", "removed" or "added"."""

    op: str
    text: str


@dataclass(frozen=True, slots=True)
class FactChange:
    """A typed fact that differs; None on the side where it does not stand."""

    type: str
    old: str | None
    new: str | None


class NoteStatus(StrEnum):
    """What happened to a note between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"
    MOVED = "moved"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A note and what became of it; ``note`` is the old state where it was removed."""

    note: Note
    status: NoteStatus
    old_note: Note | None = None


class ChangeKind(StrEnum):
    """What a change is, in the words the queue shows."""

    # the outlet's own statements
    RETRACTION = "retraction"
    CORRECTION = "correction"
    CLARIFICATION = "clarification"
    EDITORS_NOTE = "editors_note"
    UPDATE = "update"
    NOTE_REMOVED = "note_removed"
    NOTE_EDITED = "note_edited"
    STILL_WRONG = "still_wrong"  # a note admits an error, and it stands elsewhere all the same
    # the article's frame
    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    BYLINE = "byline"
    # the text
    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"
    REWRITTEN = "rewritten"
    MOVED = "moved"
    MOVED_EDITED = "moved_edited"
    SPLIT = "split"
    MERGED = "merged"
    ABSORBED = "absorbed"


class Verdict(StrEnum):
    """What a comparison comes to."""

    UNCHANGED = "unchanged"
    COSMETIC = "cosmetic"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a significance: what it is for, in plain words, and what it adds (0 to 1)."""

    name: str
    meaning: str
    points: float


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions, with its reason in one sentence.

    ``old_sentences`` and ``new_sentences`` index the comparison's sentences.
    ``note`` is the index of the note this change *is* (kinds of the first group);
    ``declared_by`` the index of the note that admits it. ``sub_kind`` narrows the
    kind ("cosmetic", "reworded", "fact", "polarity" for headlines, "up"/"down" for
    moves). ``family`` is the NewsEdits 2.0 family: factual, stylistic, narrative;
    ``intention`` its finer label there, where a rule can decide it.
    ``significance`` runs from 0 to 1, and ``parts`` add up to it.
    """

    kind: ChangeKind
    old: str | None
    new: str | None
    significance: float
    reason: str
    redline: tuple[Span, ...] = ()
    facts: tuple[FactChange, ...] = ()
    old_sentences: tuple[int, ...] = ()
    new_sentences: tuple[int, ...] = ()
    note: int | None = None
    declared_by: int | None = None
    sub_kind: str | None = None
    family: str | None = None
    intention: str | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents, aligned and explained.

    ``kinds`` are labels for the article as a whole ("expansion", "rewrite",
    "timestamp_only", "changed_without_note" …). ``capped`` says in one sentence
    which search was cut short, or is None.
    """

    old_sentences: tuple[Sentence, ...]
    new_sentences: tuple[Sentence, ...]
    alignment: tuple[AlignedPair, ...]
    changes: tuple[Change, ...]
    notes: tuple[NoteChange, ...]
    verdict: Verdict
    significance: float
    reason: str
    kinds: tuple[str, ...] = ()
    capped: str | None = None
    engine: str = ""


# --------------------------------------------------------------------------
# In flight


@dataclass(frozen=True, slots=True)
class Due:
    """One article the schedule wants looked at: what the fetcher needs to know, nothing else."""

    article_id: int
    address: str
    why: Why
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None  # of the last body read, to recognise the same bytes
    because: str | None = None
    signal: str | None = None
    pages: int = 1  # from how many pages the article was read last
    second_page: str | None = None  # where the second of them stood


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A fetch with its body and what was read in it, on its way to the archive.

    ``pages`` are what was asked for after the first page; the document is of them all.
    """

    fetch: Fetch
    body: bytes | None = None
    document: Document | None = None
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture with its page and what was read in it, on its way to the archive."""

    capture: Capture
    body: bytes | None = None
    document: Document | None = None


class EventKind(StrEnum):
    """What happened to an article as a whole, other than a change of its text."""

    REMOVED = "removed"
    RESTORED = "restored"
    RETURNED = "returned"  # back to an earlier state
    MOVED = "moved"
    HIDDEN = "hidden"  # look after look met something in the article's place


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the archive made of one snapshot, and what of it is worth telling."""

    article_id: int
    outcome: Outcome
    reason: str
    version: int | None = None
    event: EventKind | None = None
    changes: int = 0
    alerts: int = 0


# --------------------------------------------------------------------------
# Acts


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody wants to be told about. Empty tuples mean "any"."""

    name: str
    kinds: tuple[str, ...] = ("correction", "clarification", "retraction", "removed")
    least_significance: float = 0.0
    outlets: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    channels: tuple[str, ...] = field(default=())
    pattern: str | None = None
    sources: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    digest_minutes: int | None = None  # these five: None is as the channel has it
    hold_minutes: int | None = None
    quiet: str | None = None
    time_zone: str | None = None
    most_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule met by a change or an event: what to tell, and why, frozen when it was made."""

    alert_id: str
    rule: str
    article_id: int
    kind: str
    title: str
    reason: str
    body: str
    link: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to send an alert over one channel; ``outcome`` is "sent" or "failed"."""

    alert_id: str
    channel: str
    attempt: int
    outcome: str
    reason: str
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """An alert that one channel has not taken yet; ``attempt`` counts from 1.

    ``message`` is the id of the message that it was last under way in, None where it never was.
    """

    alert: Alert
    channel: str
    attempt: int
    last_try_at: datetime | None = None
    message: str | None = None
