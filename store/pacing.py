"""Pure: which pending alerts go out now, and which of them together as one message.

Times later than now come from before the clock was set back: nothing waits for them to pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from types import MappingProxyType

from store.model import Alert, PendingDelivery

BURST = timedelta(minutes=5)
"""The least time between two messages about one story on one channel: a story in flux is told
at once, then in bundles (57 % of follow-up changes come within an hour of the change before;
measured on 8,909 articles, field/recrawl.md)."""
HOUR = timedelta(hours=1)
MOST_TOLD = 25
"""Alerts spelled out in one message; the others are counted."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a channel may be told. Zero and None set no limit.

    ``quiet`` are the hours, by the clock of ``zone``, in which nothing is sent; they may reach
    over midnight.
    """

    digest: timedelta = timedelta()
    quiet: tuple[time, time] | None = None
    zone: tzinfo = UTC
    most_per_hour: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """An alert that a channel took, and when."""

    article_id: int
    at: datetime


Parcel = tuple[PendingDelivery, ...]
"""Alerts that make one message."""


Stories = Mapping[int, str]
"""Articles that tell the same events, by their numbers: the name of their story."""


def parcels(
    pending: Sequence[PendingDelivery],
    sent: Sequence[Sent],
    pace: Pace,
    now: datetime,
    stories: Stories = MappingProxyType({}),
) -> list[Parcel]:
    """Return the messages to send now, in their order.

    ``pending`` are due and in the order they were raised; ``sent`` covers the last hour. Articles
    of one of the ``stories`` are told together; any other article is a story of its own.
    """
    if not pending or _is_quiet(pace, now):
        return []
    if pace.digest:
        gathered_long = not now - pace.digest < pending[0].alert.raised_at <= now
        return [tuple(pending)] if gathered_long or pending[0].last_try_at else []
    waited, fresh = _split(pending, pace)
    lately = [one for one in sent if one.at <= now]
    recent = {_story(stories, one.article_id) for one in lately if one.at > now - BURST}
    by_story = [parcel for story, parcel in _by_story(fresh, stories) if story not in recent]
    ready = [tuple(waited), *by_story] if waited else by_story
    return _limited(ready, _messages(lately, now), pace.most_per_hour)


def is_closed(oldest: datetime, sent: Sequence[Sent], pace: Pace, now: datetime) -> bool:
    """Say whether nothing fresh can go out now, whatever waits; ``oldest`` is when it was raised.

    It spares looking through what waits at every round. What was refused before is not fresh.
    """
    if _is_quiet(pace, now):
        return True
    if pace.digest:
        return now - pace.digest < oldest <= now
    lately = [one for one in sent if one.at <= now]
    return 0 < pace.most_per_hour <= _messages(lately, now)


def joined(parcel: Parcel) -> Alert:
    """Return the one alert that tells a parcel: itself, or all under one title and a joint id."""
    first = parcel[0].alert
    if len(parcel) == 1:
        return first
    alerts = [one.alert for one in parcel]
    ids = "\0".join(alert.alert_id for alert in alerts)
    one_article = len({alert.article_id for alert in alerts}) == 1
    title = first.title if one_article else f"{len(alerts)} alerts: {first.title}"
    return Alert(
        alert_id=hashlib.sha256(ids.encode()).hexdigest(),
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
    return len({one.at for one in sent if one.at > now - HOUR})


def _limited(ready: list[Parcel], messages: int, most: int) -> list[Parcel]:
    """Keep within ``most`` messages an hour; the last of them takes all that would be too many."""
    room = most - messages
    if not most or len(ready) <= room:
        return ready
    if room <= 0:
        return []
    rest = tuple(one for parcel in ready[room - 1 :] for one in parcel)
    return [*ready[: room - 1], rest]
