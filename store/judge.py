"""Pure: what one snapshot means, given what was known of the article.

The gates in their order: was an article read at all, is it the state we know, is it a
state we knew before, is it this article and whole, does the text really differ, and does
the difference hold. Every refusal is filed under an outcome with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from store.address import is_same_place
from store.compare import compare
from store.continuity import judge_continuity
from store.levels import levelled
from store.model import (
    ChangeKind,
    Comparison,
    Document,
    EventKind,
    Fetch,
    Outcome,
    Quality,
    Snapshot,
    Verdict,
)
from store.rows import number_of
from store.text import normalise

# A headline test, or a stale copy from a cache, flips within a few looks; an edit stays. Three
# looks in a row that agree (the first and two more) make it news. The newsroom's A/B headline,
# which flips at every look or two, set the number.
STEADY_LOOKS = 2
# A headline that goes back within a day is taken for a test.
FLAP_WINDOW = timedelta(hours=24)
# One 404 may be a server's bad moment; two looks in a row are a removal.
GONE_LOOKS = 2
# A wall comes and goes with our own address and hour; three looks in a row that met one are told.
HIDDEN_LOOKS = 3
# What repeats is no sign that these are edits; they are believed, and kept untold, once a day has
# gone by in which no look showed the article that we know.
LASTING_DOUBTS = frozenset({"other_story", "cut_inside", "replaced"})
DOUBTED_FOR = timedelta(hours=24)
UNLIKE = (
    "Another revision of the reader read this page than the one of the version before, and that "
    "page is not kept to be read again: what differs may be the reading, and is not told."
)
"""The reason of a version that begins anew, because nothing of the same reading is before it."""
MOVED = "moved"
"""The detail of a look that found the article, as it was, at another address."""


class HeldBy(StrEnum):
    """The rule that keeps a recorded finding from being told."""

    UNCONFIRMED = "unconfirmed"
    FLAP = "flap"
    OTHER_STORY = "other_story"  # another article took the address over
    TEMPLATE = "template"  # the same text changed under unrelated articles of the outlet
    READER = "reader"  # no one revision of the reader has read both sides


class Waiting(StrEnum):
    """What about the current state still has to hold before it is told."""

    HEADLINE = "headline"  # a new version that differs in its headline alone
    RETURN = "return"  # back to an earlier version


@dataclass(frozen=True, slots=True)
class State:
    """What was known of an article before this snapshot.

    ``prints`` maps document print to version. ``waiting`` says what of the current state is
    unconfirmed, ``confirms`` how many looks it still needs, ``before`` the version it replaced.
    ``hidden_streak`` counts the looks in a row that met something in the article's place.
    ``good_at`` is the last check that showed the current state, ``stands_at`` where the article
    is asked for.
    """

    current: int | None = None
    prints: Mapping[int, int] = field(default_factory=dict)
    removed: bool = False
    gone_streak: int = 0
    hidden_streak: int = 0
    held_print: int | None = None
    confirms: int = 0
    waiting: Waiting | None = None
    before: int | None = None
    changed_at: datetime | None = None
    good_at: datetime | None = None
    stands_at: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the article as a whole."""

    kind: EventKind
    version: int | None
    significance: float
    reason: str
    held_by: HeldBy | None = None


class Settle(StrEnum):
    """What becomes of the finding that waited for more looks."""

    TOLD = "told"
    FLAP = "flap"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to file, and the state it leaves. ``old`` and ``comparison`` go with a later version.

    ``noise`` are the places of changes that are kept and not told (store/templates.py).
    """

    outcome: Outcome
    detail: str
    reason: str
    current: int | None
    new_version: bool = False
    old: int | None = None
    comparison: Comparison | None = None
    held_by: HeldBy | None = None
    event: Event | None = None
    settle: Settle | None = None
    confirms: int = 0
    waiting: Waiting | None = None
    before: int | None = None
    held_print: int | None = None
    removed: bool = False
    noise: frozenset[int] = frozenset()


def document_print(document: Document) -> int:
    """Return a 63-bit number that is equal for documents that say the same.

    Headline, standfirst, byline, blocks and notes count, normalised (quotes, dashes, spaces);
    comments, claims and links do not.
    """
    parts = [document.headline or "", document.standfirst or "", document.byline or ""]
    parts += [block.text for block in document.blocks]
    parts += [note.text for note in document.notes if note.block is None]
    return number_of(*map(normalise, parts))


def is_gone(outcome: Outcome, detail: str) -> bool:
    """Say whether a look found the article taken away, a court's order (451) included."""
    return outcome is Outcome.GONE or detail == "legal"


def shows_current(verdict: Judgement) -> bool:
    """Say whether the look showed the article, in the state that is now the current one."""
    return verdict.outcome in {Outcome.READ, Outcome.UNCHANGED} or verdict.detail == MOVED


def judge(
    state: State, seen: Snapshot, reading: int | None, version: Callable[[int], Document]
) -> Judgement:
    """Say what one snapshot means.

    ``reading`` is the print of its document, where it has one; ``version`` gives the document of
    one of the article's versions.
    """
    return _with_move(state, seen.fetch, _judged(state, seen, reading, version))


def _with_move(state: State, fetch: Fetch, verdict: Judgement) -> Judgement:
    """Say so where the article, known before, now stands at another address for good."""
    there, here = fetch.moved_to, state.stands_at
    if there is None or here is None or state.current is None or not shows_current(verdict):
        return verdict
    if verdict.event is not None or is_same_place(here, there):
        return verdict
    reason = f"The article now stands at {there}; its old address leads there."
    event = Event(EventKind.MOVED, verdict.current, 0.2, reason)
    if verdict.outcome is Outcome.READ:
        return replace(verdict, event=event)
    return replace(verdict, outcome=Outcome.MOVED, detail=MOVED, reason=reason, event=event)


def _judged(
    state: State, seen: Snapshot, reading: int | None, version: Callable[[int], Document]
) -> Judgement:
    fetch = seen.fetch
    if is_gone(fetch.outcome, fetch.detail):
        return _gone(state, fetch)
    if fetch.outcome is Outcome.UNCHANGED:
        return _still_there(state, fetch.detail, fetch.reason)
    if fetch.outcome is not Outcome.READ or seen.document is None or reading is None:
        return _nothing_learned(state, fetch)
    return _read(state, fetch, seen.document, reading, version)


def _nothing_learned(state: State, fetch: Fetch) -> Judgement:
    return Judgement(
        fetch.outcome,
        fetch.detail,
        fetch.reason,
        current=state.current,
        event=_hidden(state, fetch),
        confirms=state.confirms,
        waiting=state.waiting,
        before=state.before,
        held_print=state.held_print,
        removed=state.removed,
    )


def hides(outcome: Outcome) -> bool:
    """Say whether a look met a page in the article's place that is not the article."""
    return outcome in {Outcome.BLOCKED, Outcome.UNREADABLE}


def _hidden(state: State, fetch: Fetch) -> Event | None:
    looks = state.hidden_streak + 1
    if not hides(fetch.outcome) or looks != HIDDEN_LOOKS or state.current is None or state.removed:
        return None
    reason = (
        f"The article was hidden from us at {looks} looks in a row; the last text is kept. "
        f"{fetch.reason}"
    )
    return Event(EventKind.HIDDEN, state.current, 0.2, reason)


def _gone(state: State, fetch: Fetch) -> Judgement:
    looks = state.gone_streak + 1
    event = None
    if looks >= GONE_LOOKS and not state.removed and state.current is not None:
        reason = (
            f"The article was not there at {looks} looks in a row ({_evidence(fetch)}); "
            "the last text is kept."
        )
        event = Event(EventKind.REMOVED, state.current, 0.85, reason)
    return Judgement(
        fetch.outcome,
        fetch.detail,
        fetch.reason,
        current=state.current,
        event=event,
        confirms=max(0, GONE_LOOKS - looks),
        removed=state.removed or event is not None,
    )


def _evidence(fetch: Fetch) -> str:
    """What shows that the article is not there, in a few words."""
    if fetch.status is not None and fetch.status >= 400:
        return f"the server answered {fetch.status}"
    return "its address leads elsewhere" if fetch.final_address else "the page says so"


def _still_there(state: State, detail: str, reason: str) -> Judgement:
    """The page shows the current state."""
    left = max(0, state.confirms - 1) if state.waiting else 0
    return Judgement(
        Outcome.UNCHANGED,
        detail,
        reason,
        current=state.current,
        event=_restored(state, state.current),
        settle=Settle.TOLD if state.waiting and left == 0 else None,
        confirms=left,
        waiting=state.waiting if left else None,
        before=state.before if left else None,
    )


def _restored(state: State, known: int | None) -> Event | None:
    if not state.removed:
        return None
    what = "another text" if known is None else f"the text of version {known}"
    reason = f"The page that had been removed is back, with {what}."
    return Event(EventKind.RESTORED, known, 0.6, reason)


def _read(
    state: State,
    fetch: Fetch,
    document: Document,
    reading: int,
    version: Callable[[int], Document],
) -> Judgement:
    if state.current is None:
        reason = "The article was read for the first time."
        return Judgement(Outcome.READ, "first", reason, None, new_version=True)
    known = state.prints.get(reading)
    if known == state.current:
        reason = "The page was read, and the article says the same."
        return _still_there(state, "same_text", reason)
    if known is not None:
        return _returned(state, fetch, document, known, version)
    return _differs(state, fetch, document, reading, version)


def _returned(
    state: State,
    fetch: Fetch,
    document: Document,
    known: int,
    version: Callable[[int], Document],
) -> Judgement:
    assert state.current is not None
    left = version(state.current)
    unlike = left.extractor != document.extractor
    flap = state.waiting is not None or (
        not unlike
        and state.changed_at is not None
        and fetch.started_at - state.changed_at < FLAP_WINDOW
        and frame_only(compare(left, version(known)))
    )
    reason = f"The article says again what version {known} said."
    held = HeldBy.FLAP if flap else HeldBy.READER if unlike else HeldBy.UNCONFIRMED
    waits = held is HeldBy.UNCONFIRMED
    return Judgement(
        Outcome.READ,
        "returned",
        reason,
        current=known,
        event=_restored(state, known) or Event(EventKind.RETURNED, known, 0.3, reason, held),
        settle=Settle.FLAP if flap else None,
        confirms=STEADY_LOOKS if waits else 0,
        waiting=Waiting.RETURN if waits else None,
        before=state.current if waits else None,
    )


def _differs(
    state: State,
    fetch: Fetch,
    document: Document,
    reading: int,
    version: Callable[[int], Document],
) -> Judgement:
    old, settle = _old_side(state, document, version)
    before = version(old)
    doubt = judge_continuity(before, document)
    if doubt is not None and not _is_over(state, fetch, doubt, reading):
        return _held(state, doubt, reading)
    comparison = compare(*levelled(before, document))
    if comparison.verdict is not Verdict.CHANGED or not comparison.changes:
        return _still_there(state, comparison.verdict.value, comparison.reason)
    unlike = before.extractor != document.extractor
    if unlike:
        comparison = replace(comparison, reason=UNLIKE)
    wait = frame_only(comparison) and not unlike
    held_by = HeldBy.READER if unlike else HeldBy.UNCONFIRMED if wait else None
    if doubt is not None and doubt.detail in LASTING_DOUBTS:
        held_by = HeldBy.OTHER_STORY
    return Judgement(
        Outcome.READ,
        "changed",
        comparison.reason,
        current=None,
        new_version=True,
        old=old,
        comparison=comparison,
        held_by=held_by,
        event=_restored(state, None),
        settle=settle,
        confirms=STEADY_LOOKS if wait else 0,
        waiting=Waiting.HEADLINE if wait else None,
        before=old if wait else None,
    )


def _is_over(state: State, fetch: Fetch, doubt: Quality, reading: int) -> bool:
    """Whether an odd reading is believed: a second look said the same, and for long enough."""
    if state.held_print != reading:
        return False
    if doubt.detail not in LASTING_DOUBTS or state.good_at is None:
        return True
    return fetch.started_at - state.good_at > DOUBTED_FOR


def _held(state: State, doubt: Quality, reading: int) -> Judgement:
    return Judgement(
        Outcome.HELD,
        doubt.detail,
        doubt.reason,
        current=state.current,
        confirms=max(1, state.confirms),
        waiting=state.waiting,
        before=state.before,
        held_print=reading,
        removed=state.removed,
    )


def _old_side(
    state: State, document: Document, version: Callable[[int], Document]
) -> tuple[int, Settle | None]:
    """Choose the version to compare with, and settle what was waiting on the way.

    A state that never held is passed over: a stale copy, or a headline test that ended as the
    text changed. A new headline that this reading shows too has held.
    """
    assert state.current is not None
    if state.waiting is None or state.before is None:
        return state.current, None
    if state.waiting is Waiting.RETURN:
        return state.before, Settle.FLAP
    if normalise(document.headline or "") == normalise(version(state.before).headline or ""):
        return state.before, Settle.FLAP
    return state.current, Settle.TOLD


def frame_only(comparison: Comparison) -> bool:
    """Say whether nothing but the frame differs: headline, standfirst or byline.

    Pages serve these unsteadily: tests of headlines, bylines that a template drops for a while.
    """
    frame = {ChangeKind.HEADLINE, ChangeKind.STANDFIRST, ChangeKind.BYLINE}
    return all(change.kind in frame for change in comparison.changes)
