"""Pure: an article's history made again from its facts, in the order of time.

The one way of making findings again. What the archive keeps of an article, checks of ours and
captures of others, passes through the same ``judge`` as when it was seen; nothing is told.

A page may have been read by several revisions of the reader. Each look is judged by the newest
that the state before was read by too, so that both sides of a comparison are of one reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from store.judge import HeldBy, Judgement, Settle, document_print, judge, shows_current
from store.model import Document, Outcome, Snapshot
from store.states import captured_on, interval, moved_on, state_of

State = dict[str, Any]

_NOTHING_WAITS: State = {"waiting": None, "confirms": 0, "before_version": None}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one revision of the reader takes a page for: an article, or what stood in its place.

    ``number`` is its document's; both are None where it is taken for no article.
    """

    extractor: str
    outcome: Outcome
    detail: str
    reason: str
    number: int | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One observation: ``seen`` without what it showed, ``archive`` where it is not ours.

    ``number`` is the check's or the capture's. ``readings`` are what its page says, by one
    revision of the reader each, the newest last; none where there was no page to be read.
    """

    number: int
    seen: Snapshot
    readings: tuple[Reading, ...] = ()
    archive: str | None = None

    @property
    def observed_at(self) -> datetime:
        """When it was seen, by us or by the archive."""
        return self.seen.fetch.started_at


@dataclass(frozen=True, slots=True)
class Step:
    """What one fact came to: the version it brought, if any, and since when that is possible.

    ``seen`` is what was judged, ``stands`` the version that stood after it, ``between`` the
    interval of its event.
    """

    fact: Fact
    seen: Snapshot
    verdict: Judgement
    version: int | None
    stands: int | None
    checked_before_at: datetime | None
    checked_before_by: str | None
    between: tuple[datetime | None, datetime] | None = None


@dataclass(slots=True)
class _Told:
    """The versions so far: what each says by every reader that read it, and by which prints."""

    texts: list[dict[str, Document]] = field(default_factory=list)
    prints: dict[int, int] = field(default_factory=dict)
    others: dict[str, dict[int, int]] = field(default_factory=dict)
    shown: frozenset[int] = frozenset()  # the documents of the last look that showed the state

    def known(self, number: int | None) -> Mapping[str, Document]:
        return self.texts[number - 1] if number else {}

    def prints_by(self, extractor: str) -> Mapping[int, int]:
        others = self.others.get(extractor)
        return self.prints | others if others else self.prints

    def document(self, extractor: str, number: int) -> Document:
        texts = self.texts[number - 1]
        return texts.get(extractor) or next(iter(texts.values()))

    def add(self, document: Document) -> int:
        self.texts.append({document.extractor: document})
        self.prints[document_print(document)] = len(self.texts)
        return len(self.texts)

    def stands(self, number: int, readings: Sequence[Reading]) -> None:
        """Take in what other revisions of the reader make of a look that showed a version."""
        self.shown = frozenset(one.number for one in readings if one.number is not None)
        texts = self.texts[number - 1]
        main = next(iter(texts))
        for one in readings:
            if one.document is not None and one.extractor != main:
                texts.setdefault(one.extractor, one.document)
                prints = self.others.setdefault(one.extractor, {})
                prints[document_print(one.document)] = number


def in_order(own: Sequence[Fact], captured: Sequence[Fact]) -> Iterator[Fact]:
    """Merge captures into our own facts by time.

    Ours keep the order in which they were recorded, whatever a clock that was set back says.
    """
    waiting = sorted(captured, key=lambda fact: (fact.observed_at, fact.number))
    place = 0
    for fact in own:
        while place < len(waiting) and waiting[place].observed_at <= fact.observed_at:
            yield waiting[place]
            place += 1
        yield fact
    yield from waiting[place:]


class Replay:
    """A history as it is made again, fact by fact; more may follow, in their order.

    ``blank`` is the article's summary before anything was seen.
    """

    def __init__(self, blank: State) -> None:
        self._row = blank
        self._told = _Told()
        self._steps: list[Step] = []

    def take(self, facts: Iterable[Fact]) -> None:
        """Judge facts that come after all before."""
        for fact in facts:
            self._take(fact)

    def ended(self, waited: frozenset[int]) -> tuple[list[Step], State]:
        """Return the steps and the summary they leave.

        What waits for more looks at the end goes on waiting only where one of the facts
        ``waited`` brought it: anything else our next look must not tell as new.
        """
        row, steps = self._row, self._steps
        if row["waiting"] is not None and _changed_last(steps).fact.number not in waited:
            return _settled(steps, Settle.TOLD), row | _NOTHING_WAITS
        return steps, row

    def _take(self, fact: Fact) -> None:
        row, told = self._row, self._told
        reading = _chosen(fact.readings, told.known(row["current_version"]))
        seen = _as_seen(fact, reading, told.shown)
        by = reading.extractor if reading else ""
        print_of = document_print(seen.document) if seen.document else None
        state = state_of(row, told.prints_by(by))
        verdict = judge(state, seen, print_of, partial(told.document, by))
        version = told.add(seen.document) if verdict.new_version and seen.document else None
        if verdict.settle is not None:
            self._steps = _settled(self._steps, verdict.settle)
        self._row = row | _moved(row, fact, verdict, version, seen)
        stands = self._row["current_version"]
        self._steps.append(_step(fact, verdict, version, row, seen=seen, stands=stands))
        if shows_current(verdict) and fact.readings and stands:
            told.stands(stands, fact.readings)


def _chosen(readings: Sequence[Reading], known: Mapping[str, Document]) -> Reading | None:
    """Return the newest reading by a revision that read the state before, else the newest."""
    if not readings:
        return None
    alike = [one for one in readings if one.extractor in known]
    return (alike or readings)[-1]


def _changed_last(steps: Sequence[Step]) -> Step:
    return next(step for step in reversed(steps) if step.verdict.outcome is Outcome.READ)


def _as_seen(fact: Fact, reading: Reading | None, shown: frozenset[int]) -> Snapshot:
    """Return the look as one reading has it.

    One that shows what the look before showed is taken for what it is: the state still stands.
    """
    if reading is None:
        return fact.seen
    outcome = Outcome.UNCHANGED if reading.number in shown else reading.outcome
    fetch = replace(fact.seen.fetch, outcome=outcome, detail=reading.detail, reason=reading.reason)
    return replace(fact.seen, fetch=fetch, document=reading.document)


def _moved(
    row: State, fact: Fact, verdict: Judgement, version: int | None, seen: Snapshot
) -> State:
    if fact.archive is None:
        return moved_on(row, seen, verdict, version)
    return captured_on(row, seen, verdict, version, fact.archive)


def _step(
    fact: Fact,
    verdict: Judgement,
    version: int | None,
    row: State,
    *,
    seen: Snapshot,
    stands: int | None,
) -> Step:
    between = interval(row, seen, verdict.event) if verdict.event else None
    before_at, before_by = row["last_good_at"], row["last_good_by"]
    return Step(fact, seen, verdict, version, stands, before_at, before_by, between)


def _settled(steps: list[Step], settle: Settle) -> list[Step]:
    """Tell, or hold back for good, what waited for more looks."""
    held = None if settle is Settle.TOLD else HeldBy(settle.value)
    return [_settled_step(step, held) for step in steps]


def _settled_step(step: Step, held: HeldBy | None) -> Step:
    verdict = step.verdict
    if verdict.held_by is HeldBy.UNCONFIRMED:
        verdict = replace(verdict, held_by=held)
    if verdict.event is not None and verdict.event.held_by is HeldBy.UNCONFIRMED:
        verdict = replace(verdict, event=replace(verdict.event, held_by=held))
    return step if verdict is step.verdict else replace(step, verdict=verdict)
