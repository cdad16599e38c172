"""What was just recorded, held against the rules: the alerts of one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from store.alerts import Found, raise_alerts
from store.compare import compare
from store.judge import Judgement
from store.levels import levelled
from store.model import Alert, Comparison, Document, Rule
from store.templates import without


@dataclass(frozen=True, slots=True)
class Telling:
    """What recording needs to raise alerts: the rules, and how links to the dashboard begin.

    ``channels`` are those there are now, for rules that people set on the dashboard; ``stories``
    name the stories of articles. Without rules nothing is told.
    """

    rules: tuple[Rule, ...] = ()
    link_base: str = ""
    channels: tuple[str, ...] = ()
    stories: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waited:
    """A comparison that was held and is now told: its versions and its interval."""

    old: int
    new: int
    checked_before_at: datetime | None
    checked_before_by: str | None
    seen_first_at: datetime


def alerts_of(
    telling: Telling,
    frame: Found,
    verdict: Judgement,
    *,
    number: int | None,
    waited: Waited | None,
    version: Callable[[int], Document],
    raised_at: datetime,
) -> list[tuple[Alert, tuple[str, ...]]]:
    """Return the alerts of one snapshot, each with the channels of its rule.

    ``frame`` says whose snapshot it is and between which checks; ``number`` is the new version's.
    """
    channels = {rule.name: rule.channels for rule in telling.rules}
    return [
        (alert, channels[alert.rule])
        for found in _found(frame, verdict, number, waited, version)
        for alert in raise_alerts(
            telling.rules, found, link_base=telling.link_base, raised_at=raised_at
        )
    ]


def _found(
    frame: Found,
    verdict: Judgement,
    number: int | None,
    waited: Waited | None,
    version: Callable[[int], Document],
) -> Iterable[Found]:
    if verdict.comparison is not None and verdict.held_by is None:
        told = without(verdict.comparison, verdict.noise)
        yield _transition(frame, told, verdict.old, number)
    if waited is not None:
        again = compare(*levelled(version(waited.old), version(waited.new)))
        times = replace(
            frame,
            checked_before_at=waited.checked_before_at,
            checked_before_by=waited.checked_before_by,
            seen_first_at=waited.seen_first_at,
        )
        yield _transition(times, again, waited.old, waited.new)
    event = verdict.event
    if event is not None and event.held_by is None:
        yield replace(
            frame,
            old_version=event.version,
            new_version=event.version,
            event=event.kind,
            reason=event.reason,
            significance=event.significance,
        )


def _transition(frame: Found, comparison: Comparison, old: int | None, new: int | None) -> Found:
    return replace(
        frame,
        old_version=old,
        new_version=new,
        changes=comparison.changes,
        notes=comparison.notes,
        labels=comparison.kinds,
        reason=comparison.reason,
        significance=comparison.significance,
    )
