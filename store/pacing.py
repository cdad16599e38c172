"""Pure: which pending alerts go out now, and which of them together as one message.

Times later than now come from before the clock was set back: nothing waits for them to pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from store.model import Alert, PendingDelivery, Rule

BURST = timedelta(minutes=5)
"""The least time between two messages about one story on one channel, and how long the first is
held unless somebody says otherwise (57 % of follow-up changes come within an hour of the change
before; measured on 8,909 articles, field/recrawl.md)."""
HOUR = timedelta(hours=1)
MOST_TOLD = 25
"""Alerts spelled out in one message; the others are counted."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a channel may be told. Zero and None set no limit.

    ``hold`` is how long a story waits after its first change for what follows. ``quiet`` are the
    hours, by the clock of ``zone``, in which nothing is sent; they may reach over midnight.
    """

    digest: timedelta = timedelta()
    quiet: tuple[time, time] | None = None
    zone: tzinfo = UTC
    most_per_hour: int = 0
    hold: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Sent:
    """An alert that a channel took, and when."""

    article_id: int
    at: datetime
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a channel has not taken of one rule: since when, and whether any was tried before."""

    rule: str
    oldest: datetime
    tried: bool


Parcel = tuple[PendingDelivery, ...]
"""Alerts that make one message."""

Stories = Mapping[int, str]
"""Articles that tell the same events, by their numbers: the name of their story."""

Paces = Mapping[str, Pace]
"""The paces of rules that have their own on a channel; each is told apart from all others."""


def hours(written: str | None) -> tuple[time, time] | None:
    """Read hours written as ``22:00-07:00``; None where there are none."""
    start, _, end = (written or "").partition("-")
    return (time.fromisoformat(start), time.fromisoformat(end)) if end else None


def own_pace(rule: Rule, channel: Pace) -> Pace | None:
    """Return a rule's pace on a channel, None where it says nothing of its own."""
    said = {
        "digest": _minutes(rule.digest_minutes),
        "hold": _minutes(rule.hold_minutes),
        "most_per_hour": rule.most_per_hour,
        "zone": None if rule.time_zone is None else ZoneInfo(rule.time_zone),
    }
    changed: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if rule.quiet is not None:
        changed["quiet"] = hours(rule.quiet)
    return replace(channel, **changed) if changed else None


def _minutes(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)


def parcels(
    pending: Sequence[PendingDelivery],
    sent: Sequence[Sent],
    pace: Pace,
    now: datetime,
    stories: Stories = MappingProxyType({}),
    *,
    own: Paces = MappingProxyType({}),
) -> list[Parcel]:
    """Return the messages to send now, in their order.

    ``pending`` are due and in the order they were raised; ``sent`` covers the last hour. Articles
    of one of the ``stories`` are told together; any other article is a story of its own. What was
    under way before goes out as the message that it was.
    """
    groups: dict[str, list[PendingDelivery]] = {}
    for one in pending:
        groups.setdefault(_purse(own, one.alert.rule), []).append(one)
    return [
        parcel
        for name, group in groups.items()
        for parcel in _paced(group, _of(sent, name, own), own.get(name, pace), now, stories)
    ]


def is_closed(
    waiting: Iterable[Waiting],
    sent: Sequence[Sent],
    pace: Pace,
    now: datetime,
    own: Paces = MappingProxyType({}),
) -> bool:
    """Say whether nothing can go out now. It spares looking through what waits at every round."""
    return all(
        _nothing_goes(one, _of(sent, _purse(own, one.rule), own), own.get(one.rule, pace), now)
        for one in waiting
    )


def _purse(own: Paces, rule: str) -> str:
    """Name what a rule's messages count against: its own limit, or that of all others."""
    return rule if rule in own else ""


def _of(sent: Sequence[Sent], purse: str, own: Paces) -> list[Sent]:
    return [one for one in sent if _purse(own, one.rule) == purse]


def _nothing_goes(waiting: Waiting, sent: Sequence[Sent], pace: Pace, now: datetime) -> bool:
    if _is_quiet(pace, now) or 0 < pace.most_per_hour <= _messages(sent, now):
        return True
    return not waiting.tried and not _waited(waiting.oldest, pace.digest or pace.hold, now)


def _paced(
    pending: Sequence[PendingDelivery],
    sent: Sequence[Sent],
    pace: Pace,
    now: datetime,
    stories: Stories,
) -> list[Parcel]:
    if _is_quiet(pace, now):
        return []
    again = _again(pending)
    fresh = _fresh([one for one in pending if one.message is None], sent, pace, now, stories)
    if not pace.most_per_hour:
        return [*again, *fresh]
    room = max(0, pace.most_per_hour - _messages(sent, now))
    again = again[:room]
    return [*again, *_limited(fresh, room - len(again))]


def _again(pending: Iterable[PendingDelivery]) -> list[Parcel]:
    """Return the messages that were under way before: of the same alerts, under the same id."""
    found: dict[str, list[PendingDelivery]] = {}
    for one in pending:
        if one.message is not None:
            found.setdefault(one.message, []).append(one)
    return [tuple(parcel) for parcel in found.values()]


def _fresh(
    pending: Sequence[PendingDelivery],
    sent: Sequence[Sent],
    pace: Pace,
    now: datetime,
    stories: Stories,
) -> list[Parcel]:
    if pace.digest:
        ready = bool(pending) and _waited(pending[0].alert.raised_at, pace.digest, now)
        return [tuple(pending)] if ready else []
    waited, others = _split(pending, pace)
    recent = {_story(stories, one.article_id) for one in sent if now - BURST < one.at <= now}
    by_story = [
        parcel
        for story, parcel in _by_story(others, stories)
        if story not in recent and _waited(parcel[0].alert.raised_at, pace.hold, now)
    ]
    return [tuple(waited), *by_story] if waited else by_story


def _waited(since: datetime, span: timedelta, now: datetime) -> bool:
    return not now - span < since <= now


def message_id(parcel: Parcel) -> str:
    """Return the id of a message; see ``id_of``."""
    return id_of([one.alert.alert_id for one in parcel])


def id_of(ids: Sequence[str]) -> str:
    """Return the id of a message from its alerts': the one, or SHA-256 (hex) of all."""
    return ids[0] if len(ids) == 1 else hashlib.sha256("\0".join(ids).encode()).hexdigest()


def joined(parcel: Parcel) -> Alert:
    """Return the one alert that tells a parcel: itself, or all under one title and a joint id."""
    first = parcel[0].alert
    if len(parcel) == 1:
        return first
    alerts = [one.alert for one in parcel]
    one_article = len({alert.article_id for alert in alerts}) == 1
    title = first.title if one_article else f"{len(alerts)} alerts: {first.title}"
    return Alert(
        alert_id=message_id(parcel),
        rule=first.rule,
        article_id=first.article_id,
        kind=first.kind,
        title=title,
        reason=first.reason,
        body="\n\n----\n\n".join([alert.body for alert in alerts[:MOST_TOLD]] + _left_out(alerts)),
        link=first.link,
        raised_at=alerts[-1].raised_at,
    )


def _left_out(alerts: Sequence[Alert]) -> list[str]:
    count = len(alerts) - MOST_TOLD
    return [f"And {count} more; the dashboard and `storylapse alerts` list them."] * (count > 0)


def _is_quiet(pace: Pace, at: datetime) -> bool:
    if pace.quiet is None:
        return False
    start, end = pace.quiet
    local = at.astimezone(pace.zone).time()
    return start <= local < end if start <= end else local >= start or local < end


def _split(
    pending: Iterable[PendingDelivery], pace: Pace
) -> tuple[list[PendingDelivery], list[PendingDelivery]]:
    """Part what was raised in quiet hours, told as one, from the others."""
    waited: list[PendingDelivery] = []
    fresh: list[PendingDelivery] = []
    for one in pending:
        (waited if _is_quiet(pace, one.alert.raised_at) else fresh).append(one)
    return waited, fresh


def _story(stories: Stories, article: int) -> int | str:
    return stories.get(article, article)


def _by_story(
    pending: Iterable[PendingDelivery], stories: Stories
) -> Iterator[tuple[int | str, Parcel]]:
    grouped: dict[int | str, list[PendingDelivery]] = {}
    for one in pending:
        grouped.setdefault(_story(stories, one.alert.article_id), []).append(one)
    return ((story, tuple(group)) for story, group in grouped.items())


def _messages(sent: Iterable[Sent], now: datetime) -> int:
    """Count the messages of the last hour: what one message told was taken at one moment."""
    return len({one.at for one in sent if now - HOUR < one.at <= now})


def _limited(ready: list[Parcel], room: int) -> list[Parcel]:
    """Keep within ``room`` messages; the last of them takes all that would be too many."""
    if len(ready) <= room:
        return ready
    if room <= 0:
        return []
    rest = [one for parcel in ready[room - 1 :] for one in parcel]
    return [*ready[: room - 1], tuple(sorted(rest, key=_raised))]


def _raised(one: PendingDelivery) -> tuple[datetime, str]:
    """Order alerts as they were raised: the order of every message, or its id would change."""
    return one.alert.raised_at, one.alert.alert_id
