"""An archive for the pages' tests: invented stories, recorded as a crawl would record them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store.archive import Archive, open_archive
from store.model import (
    Block,
    BlockKind,
    Claims,
    Comment,
    Document,
    Fetch,
    Note,
    NoteKind,
    Outcome,
    Place,
    Snapshot,
    SourceKind,
    Why,
)
from store.telling import Telling

HOSTILE = (
    "<script>alert(1)</script><style>*{display:none}</style> **bold** $\\frac{1}{2}$ :red[danger] "
    ":material/home: ![x](https://evil.example/pixel.png) <img src=x onerror=alert(2)> "
    "\u202egnihtemos"
)


@dataclass
class Story:
    """One article and what it said at each minute; None is an answer of 410."""

    address: str
    outlet: str
    states: dict[int, Document | None] = field(default_factory=dict)


def document(
    address: str,
    outlet: str,
    headline: str,
    *paragraphs: str,
    notes: tuple[tuple[NoteKind, int, str], ...] = (),
    comments: tuple[Comment, ...] = (),
    modified: str | None = None,
    language: str = "en",
) -> Document:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in paragraphs)
    return Document(
        address=address,
        headline=headline,
        blocks=blocks,
        language=language,
        notes=tuple(_note(kind, block, paragraphs, language) for kind, block, _ in notes),
        comments=comments,
        modified=modified,
        claims=Claims(outlet=outlet, modified=modified, published="2026-05-12T08:00:00Z"),
        extractor="test-1",
    )


def _note(kind: NoteKind, block: int, paragraphs: tuple[str, ...], language: str) -> Note:
    place = Place.END if block == len(paragraphs) - 1 else Place.INLINE
    return Note(kind, paragraphs[block], place, language, f"{language}/{kind}-label", block=block)


_BRIDGE = (
    (
        "A footbridge over the Lune gave way on Tuesday morning, hurting 12 people, two badly, "
        "the fire service said."
    ),
    (
        "The bridge, built in 1961, links the market square to the railway station. It was full of "
        "commuters at the time."
    ),
    "“We heard a crack like a gunshot,” said Anna Wells, who was walking her dog on the bank.",
    "Divers searched the river until noon. Nobody is missing.",
    "The county council closed two other bridges of the same kind as a precaution.",
    "Trains through the town ran late for most of the morning.",
    "The mayor, Tom Reed, called the collapse “a warning we should have heard”.",
    "A report of 2019 had given the bridge ten more years.",
    "The last inspection was in March.",
)
_CORRECTION = (
    "Correction, 14 May: An earlier version of this article gave the number of injured as 12. "
    "It is 11."
)
_UPDATE = "Update: The ministry, in a statement, said that it would pay for a new bridge."


def bridge() -> Story:
    address, outlet = "https://courier.example/footbridge", "The Harbour Courier"
    text = list(_BRIDGE)
    comments = (
        Comment("The headline is wrong, change the headline: it was a pier.", "Marlow", 0),
        Comment("It was not.", "Pat", 1),
    )

    def at(headline: str, *paragraphs: str, **more: object) -> Document:
        return document(address, outlet, headline, *paragraphs, comments=comments, **more)  # type: ignore[arg-type]

    first, second = "Footbridge collapses, 12 hurt", "Footbridge gives way over the Lune"
    updated = [*text[:3], _UPDATE, *text[3:]]
    moved = [updated[0], updated[-1], *updated[1:-1]]
    corrected = [moved[0].replace("12 people", "11 people"), *moved[1:], _CORRECTION]
    note = (NoteKind.UPDATE, 3, "")
    later = (NoteKind.UPDATE, 4, "")
    mended = (NoteKind.CORRECTION, len(corrected) - 1, "")
    story = Story(address, outlet)
    story.states = {
        0: at(first, *text),
        20: at(first, *text),
        40: at(first, *updated, notes=(note,)),
        60: at(second, *updated, notes=(note,)),
        80: at(second, *updated, notes=(note,)),
        100: at(second, *updated, notes=(note,)),
        120: at(second, *moved, notes=(later,)),
        150: at(second, *moved, notes=(later,)),
        200: at(second, *corrected, notes=(later, mended), modified="2026-05-12T12:00:00Z"),
        230: at(second, *corrected, notes=(later, mended), modified="2026-05-12T12:00:00Z"),
    }
    return story


def council() -> Story:
    address, outlet = "https://northline.example/council", "Northline"
    texts = (
        "The council defended its record on Monday.",
        (
            "The leader of the council was not told of the crack, a spokesman said. Officers saw "
            "it in January."
        ),
        "The opposition asked for an inquiry.",
    )
    first = document(address, outlet, "Council defends inspection record", *texts)
    changed = (texts[0], texts[1].replace("was not told", "was told"), texts[2])
    second = document(address, outlet, "Council defends inspection record", *changed)
    return Story(address, outlet, {5: first, 35: first, 65: second, 95: second})


def headline() -> Story:
    address, outlet = "https://northline.example/dead", "Northline"
    texts = ("A footbridge gave way in the morning.", "Rescue workers were at the river all day.")
    first = document(address, outlet, "Four feared dead after footbridge gives way", *texts)
    second = document(address, outlet, "Three confirmed dead after footbridge gives way", *texts)
    states: dict[int, Document | None] = {10: first, 45: second, 55: second, 75: second, 90: second}
    return Story(address, outlet, states)


def flipping() -> Story:
    address, outlet = "https://northline.example/swans", "Northline"
    texts = ("Swans have come back to the harbour.", "There are nine of them, the warden said.")
    first = document(address, outlet, "Swans are back", *texts)
    second = document(address, outlet, "You will not believe who is back", *texts)
    return Story(address, outlet, {12: first, 50: second, 70: first, 110: first})


def removed() -> Story:
    address, outlet = "https://northline.example/tender", "Northline"
    only = document(
        address, outlet, "Mayor’s brother won the tender", "The tender went to a firm in town."
    )
    return Story(address, outlet, {7: only, 140: None, 160: None})


def hostile() -> Story:
    address, outlet = "https://evil.example/story", "Evil & Sons <b>Ltd</b>"
    first = document(address, outlet, "Quiet " + HOSTILE, "All was calm. " + HOSTILE, "An end.")
    second = document(
        address,
        outlet,
        "Quiet " + HOSTILE,
        "All was calm. " + HOSTILE,
        "An end. Then 40 more came. " + HOSTILE,
        comments=(Comment(HOSTILE, HOSTILE, 0),),
    )
    return Story(address, outlet, {3: first, 85: second, 105: second})


def arabic() -> Story:
    address, outlet = "https://sahafa.example/jisr", "صحافة"
    texts = (
        "انهار جسر للمشاة فوق النهر صباح الثلاثاء وأصيب 12 شخصا.",
        "قال عمدة المدينة إن التحقيق بدأ.",
        "أغلقت السلطات جسرين آخرين.",
    )
    first = document(address, outlet, "انهيار جسر للمشاة", *texts, language="ar")
    changed = (texts[0].replace("12", "11"), *texts[1:])
    second = document(address, outlet, "انهيار جسر للمشاة", *changed, language="ar")
    return Story(address, outlet, {15: first, 130: second, 170: second})


def japanese() -> Story:
    address, outlet = "https://shimbun.example/hashi", "港新聞"
    texts = ("火曜日の朝、歩道橋が落ち、12人がけがをした。", "市長は調査を始めると述べた。")
    first = document(address, outlet, "歩道橋が落下", *texts, language="ja")
    changed = (texts[0].replace("12人", "11人"), texts[1])
    second = document(address, outlet, "歩道橋が落下", *changed, language="ja")
    return Story(address, outlet, {17: first, 135: second, 175: second})


def stories() -> list[Story]:
    return [
        bridge(),
        council(),
        headline(),
        flipping(),
        removed(),
        hostile(),
        arabic(),
        japanese(),
    ]


def build(path: Path, start: datetime, telling: Telling | None = None) -> Archive:
    """An archive in which all stories have run; minute 0 is ``start``."""
    archive = open_archive(path, create=True)
    archive.watch_source("http://127.0.0.1:8533/", SourceKind.NEWSROOM, acted_at=start)
    moments = []
    for story in stories():
        number = archive.watch_article(story.address, acted_at=start)
        moments += [(minute, number, state) for minute, state in story.states.items()]
    for minute, number, state in sorted(moments, key=lambda moment: moment[0]):
        seen = snapshot(number, start + timedelta(minutes=minute), state)
        archive.record([seen], telling or Telling())
    return archive


def snapshot(number: int, moment: datetime, state: Document | None) -> Snapshot:
    """One look: what an answer of 200 with ``state`` in it, or of 410, comes to."""
    finished = moment + timedelta(seconds=1)
    if state is None:
        fetch = Fetch(
            number, moment, finished, Why.DUE, Outcome.GONE, "http_410", "The page is gone.", 410
        )
        return Snapshot(fetch)
    body = state.text.encode("utf-8", "replace")
    headers = (("Content-Type", "text/html"), ("X-Test", HOSTILE))
    fetch = Fetch(
        number,
        moment,
        finished,
        Why.DUE,
        Outcome.READ,
        "read",
        "The article was read.",
        200,
        final_address=state.address,
        body_digest=hashlib.sha256(body).hexdigest(),
        headers=headers,
    )
    return Snapshot(fetch, body, state)


def four_hours_ago() -> datetime:
    """A start four hours ago, on the minute: every state lies in the past, most of them today."""
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=4)
