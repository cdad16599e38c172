"""When to ask a source again: pure, from what its polls have shown and what it asks for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.policy import Pace, back_off

LOOKS_PER_NEWS = 2.0
"""A source is asked so many times as often as it had something new: news waits a quarter of the
usual distance between two pieces of it, on average."""
_PRIOR_WEIGHT = 1.0
"""News that a source is taken to have had before its first poll, so that few polls say little."""
_PUSH_COVERS = timedelta(minutes=15)
"""News found so long after a hub's word was announced by it."""


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """What is known of one source that its next poll depends on. Times are aware, in UTC.

    ``failures`` counts polls in a row that gave nothing. Of ``polls`` recent ones, which span
    ``watched``, ``news`` showed something else than the one before. ``not_before`` is until when
    the source asked to be left, ``pushed_at`` and ``news_at`` when its hub and a poll of ours last
    told of news; ``leased`` says that the hub's subscription holds.
    """

    last_poll_at: datetime | None = None
    failures: int = 0
    polls: int = 0
    news: int = 0
    watched: timedelta = timedelta(0)
    not_before: datetime | None = None
    leased: bool = False
    pushed_at: datetime | None = None
    news_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When to ask a source again, and why then, in one sentence."""

    due_at: datetime
    because: str


def next_poll(history: SourceHistory, pace: Pace, now: datetime) -> NextPoll:
    """Return when to ask a source again; the time may lie before ``now``: then it is due."""
    last = history.last_poll_at
    if last is None:
        return NextPoll(now, "It was never asked before.")
    if last > now:
        return NextPoll(now, "The clock was set back since it was asked.")
    if history.failures:
        gap = max(back_off(history.failures, pace), pace.poll)
        times = "once" if history.failures == 1 else f"{history.failures} times in a row"
        return NextPoll(last + gap, f"It could not be read {times}; it is asked after {_say(gap)}.")
    gap, because = _wished(history, pace)
    asked_for = history.not_before and min(history.not_before, last + pace.rest_most)
    if asked_for and asked_for > last + gap:
        return NextPoll(asked_for, f"It asks to be left until {asked_for:%H:%M} UTC.")
    return NextPoll(last + gap, because)


def poll_gap(history: SourceHistory, pace: Pace) -> timedelta:
    """Return the usual gap between two polls of a source, as far as it has shown."""
    return _wished(history, pace)[0]


def _wished(history: SourceHistory, pace: Pace) -> tuple[timedelta, str]:
    if _hub_tells(history):
        gap = pace.poll_most
        return gap, f"Its hub tells when it changes, so it is asked after {_say(gap)} to be safe."
    prior = pace.poll * LOOKS_PER_NEWS * _PRIOR_WEIGHT
    apart = (history.watched + prior) / (history.news + _PRIOR_WEIGHT)
    gap = min(max(apart / LOOKS_PER_NEWS, pace.poll_least), pace.poll_most)
    if history.polls < 2:
        return gap, f"Little is known of it yet, so it is asked after {_say(gap)}."
    return gap, (
        f"{history.news} of the last {history.polls} polls, over {_say(history.watched)}, "
        f"showed something new, so it is asked after {_say(gap)}."
    )


def _hub_tells(history: SourceHistory) -> bool:
    """Whether the newest news came with the hub's word: one that fell silent is not waited for."""
    pushed, found = history.pushed_at, history.news_at
    if not history.leased or pushed is None:
        return False
    return found is None or found - pushed < _PUSH_COVERS


def _say(gap: timedelta) -> str:
    """Return a gap in words."""
    seconds = gap.total_seconds()
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"
