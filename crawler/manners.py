"""How each host is to be treated: its delay, its pauses, its failures in a row.

A host that asked for a pause gets it. One that does not answer several times in a row is left
alone too (a circuit breaker): after the pause one request is let through, and where that fails
the next pause is twice as long. What must outlive a crash is told to ``keep``. Times are
arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.answers import LONGEST_PAUSE
from store.hosts import HostState

BREAK_AFTER = 5
"""Failures in a row after which a host is left alone: one page's own trouble seldom repeats so."""
FIRST_BREAK = timedelta(minutes=1)
LONGEST_BREAK = timedelta(hours=1)
SLOWEST_GAP_SECONDS = 60.0
"""The longest gap that a host's slowness earns it."""
MOST_HOSTS = 10_000
_AFTER_A_CRASH = 1.25
# What a server's end looks like when the whole host is in trouble, and not one page of it.
_NOBODY_THERE = frozenset({"dns", "connection_refused", "unreachable"})
_TROUBLE = _NOBODY_THERE | {"timeout", "connection_lost", "tls", "tls_certificate", "tls_name"}


class Manners:
    """The states of hosts. ``own`` hosts are the person's: they need no pauses for our sake."""

    def __init__(
        self,
        known: Iterable[HostState],
        own: frozenset[str],
        seconds_between: float,
        keep: Callable[[HostState], object],
    ) -> None:
        self._states = {state.host: state for state in known}
        self._own = own
        self._seconds_between = seconds_between
        self._keep = keep
        self._lasted: dict[str, float] = {}

    def gap(self, host: str) -> float:
        """Return the seconds that pass between two requests to ``host``, jitter apart.

        Never less than the host or the person asked for; a host that takes long to answer is
        left alone for as long as it took.
        """
        delay = self._state(host).delay_seconds
        if host in self._own:
            return delay
        slow = min(self._lasted.get(host, 0.0), SLOWEST_GAP_SECONDS)
        return max(delay, self._seconds_between, slow)

    def learn_delay(self, host: str, seconds: float, now: datetime) -> None:
        """Keep the Crawl-delay of ``host``, asked right now; 0 means that it asks for none."""
        if seconds != self._state(host).delay_seconds:
            self._set(replace(self._state(host), delay_seconds=seconds, asked_at=now))

    def asked(self, host: str, now: datetime) -> None:
        """A request to ``host`` begins or ends; one that set its own pace is kept at it."""
        if self._state(host).delay_seconds:
            self._set(replace(self._state(host), asked_at=now))

    def lasted(self, host: str, seconds: float) -> None:
        """A request to ``host`` took so long."""
        if len(self._lasted) >= MOST_HOSTS:
            self._lasted.clear()
        self._lasted[host] = seconds

    def pause(self, host: str, until: datetime, reason: str) -> None:
        """Leave ``host`` in peace until then; a pause is never made shorter."""
        state = self._state(host)
        if state.paused_until is None or until > state.paused_until:
            self._set(replace(state, paused_until=until, pause_reason=reason))

    def answered(self, host: str) -> None:
        """``host`` answered something: it is there."""
        failures = self._state(host).failures
        if failures:
            self._set(replace(self._state(host), failures=0), lasts=failures >= BREAK_AFTER)

    def failed(self, host: str, detail: str, now: datetime) -> timedelta | None:
        """``host`` did not answer, or with an error of its own; return its pause, if it earned one.

        ``detail`` is that of the check.
        """
        errs = detail.startswith("http_5") and host not in self._own
        if not errs and detail not in (_NOBODY_THERE if host in self._own else _TROUBLE):
            return None
        state = replace(self._state(host), failures=self._state(host).failures + 1)
        self._set(state, lasts=False)
        if state.failures < BREAK_AFTER:
            return None
        doublings = min(state.failures - BREAK_AFTER, 10)
        pause = min(FIRST_BREAK * float(2**doublings), LONGEST_BREAK)
        did = "answered with errors of its own" if errs else "did not answer"
        reason = f"{host} {did} {state.failures} times in a row"
        self.pause(host, now + pause, reason)
        return pause

    def why_paused(self, host: str) -> str:
        """Return why ``host`` is left in peace, without a full stop."""
        return self._state(host).pause_reason or f"{host} asked to be left in peace"

    def left_of_pauses(self, now: datetime) -> dict[str, timedelta]:
        """Return the hosts in a pause at ``now``, with what is left of it.

        Bounded: a clock that was wrong when a pause was kept does not make it last for ever.
        """
        return {
            state.host: min(state.paused_until - now, LONGEST_PAUSE)
            for state in self._states.values()
            if state.paused_until is not None and state.paused_until > now
        }

    def left_of_gaps(self, now: datetime) -> dict[str, float]:
        """Return the seconds that hosts asked a moment ago must still be left alone.

        A little more than the gap: the last request of the run before went out after it was noted.
        """
        gaps = {
            state.host: (self.gap(state.host) * _AFTER_A_CRASH, state.asked_at)
            for state in self._states.values()
            if state.asked_at is not None
        }
        left = {host: gap - (now - at).total_seconds() for host, (gap, at) in gaps.items()}
        return {host: min(seconds, gaps[host][0]) for host, seconds in left.items() if seconds > 0}

    def _state(self, host: str) -> HostState:
        return self._states.get(host) or HostState(host)

    def _set(self, state: HostState, *, lasts: bool = True) -> None:
        if len(self._states) >= MOST_HOSTS and state.host not in self._states:
            self._states.pop(next(iter(self._states)))
        self._states[state.host] = state
        if lasts:
            self._keep(state)
