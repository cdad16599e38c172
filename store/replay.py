"""Pure: an article's history made again from its facts, in the order of time.

The one way of making findings again. What the archive keeps of an article, checks of ours and
captures of others, passes through the same ``judge`` as when it was seen; nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from store.judge import HeldBy, Judgement, Settle, document_print, judge, shows_current
from store.model import Document, Outcome, Snapshot
from store.states import captured_on, interval, moved_on, state_of

State = dict[str, Any]

_NOTHING_WAITS: State = {"waiting": None, "confirms": 0, "before_version": None}


@dataclass(frozen=True, slots=True)
class Fact:
    """One observation: ``seen`` with the document it showed, ``archive`` where it is not ours.

    ``number`` is the check's or the capture's; ``shown`` the number of its document.
    """

    number: int
    seen: Snapshot
    shown: int | None = None
    archive: str | None = None

    @property
    def observed_at(self) -> datetime:
        """When it was seen, by us or by the archive."""
        return self.seen.fetch.started_at


@dataclass(frozen=True, slots=True)
class Step:
    """What one fact came to: the version it brought, if any, and since when that is possible.

    ``between`` is the interval of its event.
    """

    fact: Fact
    verdict: Judgement
    version: int | None
    checked_before_at: datetime | None
    checked_before_by: str | None
    between: tuple[datetime | None, datetime] | None = None


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


def replayed(facts: Iterable[Fact], blank: State) -> tuple[list[Step], State]:
    """Judge facts in their order; return the steps and the summary they leave.

    ``blank`` is the article's summary before anything was seen. Where a capture brought the last
    change, it waits for no further look: our own next one must not tell it as new.
    """
    steps: list[Step] = []
    versions: list[Document] = []
    prints: dict[int, int] = {}
    row, shown = blank, None
    for fact in facts:
        seen = _as_seen(fact, shown)
        verdict = judge(state_of(row, prints), seen, lambda number: versions[number - 1])
        version = _kept_as(verdict, seen, versions, prints)
        if verdict.settle is not None:
            steps = _settled(steps, verdict.settle)
        steps.append(_step(fact, verdict, version, row, seen))
        row = row | _moved(row, fact, verdict, version, seen)
        if shows_current(verdict):
            shown = fact.shown
    if row["waiting"] is not None and _changed_last(steps).fact.archive is not None:
        return _settled(steps, Settle.TOLD), row | _NOTHING_WAITS
    return steps, row


def _changed_last(steps: Sequence[Step]) -> Step:
    return next(step for step in reversed(steps) if step.verdict.outcome is Outcome.READ)


def _as_seen(fact: Fact, shown: int | None) -> Snapshot:
    """Take a fact that shows what the one before showed for what it is: the state still stands."""
    if fact.shown is None or fact.shown != shown:
        return fact.seen
    fetch = replace(fact.seen.fetch, outcome=Outcome.UNCHANGED)
    return replace(fact.seen, fetch=fetch)


def _kept_as(
    verdict: Judgement, seen: Snapshot, versions: list[Document], prints: dict[int, int]
) -> int | None:
    if not verdict.new_version or seen.document is None:
        return None
    versions.append(seen.document)
    prints[document_print(seen.document)] = len(versions)
    return len(versions)


def _moved(
    row: State, fact: Fact, verdict: Judgement, version: int | None, seen: Snapshot
) -> State:
    if fact.archive is None:
        return moved_on(row, seen, verdict, version)
    return captured_on(row, seen, verdict, version, fact.archive)


def _step(fact: Fact, verdict: Judgement, version: int | None, row: State, seen: Snapshot) -> Step:
    between = interval(row, seen, verdict.event) if verdict.event else None
    return Step(fact, verdict, version, row["last_good_at"], row["last_good_by"], between)


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
