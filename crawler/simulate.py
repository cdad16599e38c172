"""Replaying real change times: what a policy would have kept, how late, and for how many looks.

An article is met some minutes after its birth, looked at when the policy says so, and followed
until it leaves the listing that its changes were read from. Policies see what a crawler sees:
changed or not at each look. The engine works in rounds over all articles that are due, so that
a hundred thousand looks take a second; what a policy learns, it learns between epochs.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crawler.hazard import Floats, Ints, Looks

_MET_AFTER = 180.0
_FOLLOWED = 7 * 86_400.0
_BRIEF = 1800.0


@dataclass(frozen=True, slots=True)
class History:
    """Real change times, one row an article. Times are UTC seconds.

    ``changes`` holds each article's change times, infinity after the last.
    """

    born: Floats
    met: Floats
    end: Floats
    outlet: Ints
    changes: Floats

    def __len__(self) -> int:
        return len(self.born)

    def take(self, rows: Ints) -> History:
        """The articles asked for."""
        return History(
            self.born[rows], self.met[rows], self.end[rows], self.outlet[rows], self.changes[rows]
        )


def read_history(path: Path) -> History:
    """Read a table of change times: ``id, group, birth, first_seen, last_seen, ages, kinds``.

    Times are UTC seconds, ``ages`` seconds after birth with ``;`` between; ``p`` in ``kinds`` says
    that changes are known to the second, so that articles need not wait for the listing to be met.
    Raises ``OSError`` where it cannot be read, ``ValueError`` where it is no such table.
    """
    with _opened(path) as stream:
        rows = list(csv.DictReader(stream))
    missing = {"group", "birth", "first_seen", "last_seen", "ages", "kinds"} - set(
        rows[0] if rows else ()
    )
    if missing:
        raise ValueError(f"{path} has no column {', '.join(sorted(missing))}.")
    exact = any("p" in row["kinds"] for row in rows)
    ages = [[float(age) for age in row["ages"].split(";") if age] for row in rows]
    born, first, last = (
        np.array([float(row[name]) for row in rows], dtype=np.float64)
        for name in ("birth", "first_seen", "last_seen")
    )
    met = born + _MET_AFTER if exact else first
    end = np.minimum(last, met + _FOLLOWED)
    changes = [[at + age for age in each] for at, each in zip(born, ages, strict=True)]
    return make_history(born, met, end, [row["group"] for row in rows], changes)


def make_history(
    births: Iterable[float],
    first: Iterable[float],
    last: Iterable[float],
    outlets: Sequence[str],
    changes: Iterable[Iterable[float]],
) -> History:
    """Return the histories of articles, those met first at the top; without any span they go."""
    born, met, end = (np.array(list(times), dtype=np.float64) for times in (births, first, last))
    kept = [
        sorted(at for at in each if begins < at <= ends)
        for each, begins, ends in zip(changes, met, end, strict=True)
    ]
    table = np.full((len(kept), max(map(len, kept), default=0) + 1), np.inf)
    for place, each in enumerate(kept):
        table[place, : len(each)] = each
    outlet = np.unique(list(outlets), return_inverse=True)[1].astype(np.int64)
    whole = np.flatnonzero(end > met)
    ordered = whole[np.argsort(met[whole], kind="stable")]
    return History(born, met, end, outlet, table).take(ordered)


def read_corrections(path: Path, horizon: float) -> History:
    """Read ages of corrections (``hours``): one article each, corrected once, met at every hour.

    Followed for ``horizon`` seconds. Raises as ``read_history`` does.
    """
    with _opened(path) as stream:
        rows = list(csv.DictReader(stream))
    if not rows or "hours" not in rows[0]:
        raise ValueError(f"{path} has no column hours.")
    born = np.arange(len(rows)) * 3600.0
    changes = [[at + float(row["hours"]) * 3600] for at, row in zip(born, rows, strict=True)]
    met = born + _MET_AFTER
    return make_history(born, met, born + horizon, ["-"] * len(rows), changes)


def _opened(path: Path) -> io.StringIO:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return io.StringIO(stream.read())


@dataclass(slots=True)
class State:
    """What is known of each article while the clock runs.

    ``last`` and ``before`` are the last look and the one before, ``changed`` when the last change
    was seen (NaN: not yet), ``changes`` how many were, ``quiet`` looks since that found nothing.
    """

    history: History
    last: Floats = field(init=False)
    before: Floats = field(init=False)
    changed: Floats = field(init=False)
    changes: Ints = field(init=False)
    quiet: Ints = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.history)
        self.last = np.full(size, np.nan)
        self.before = np.full(size, np.nan)
        self.changed = np.full(size, np.nan)
        self.changes = np.zeros(size, dtype=np.int64)
        self.quiet = np.zeros(size, dtype=np.int64)


class Policy(Protocol):
    """When to look again."""

    @property
    def epoch(self) -> float:
        """How often it learns, in seconds (infinity: never)."""

    def learn(self, state: State, now: float) -> None:
        """Learn from everything seen until ``now``."""

    def saw(self, looks: Looks) -> None:
        """Take in what a round of looks found."""

    def gaps(self, state: State, rows: Ints) -> Floats:
        """Seconds until the next look at these articles, after one at ``state.last``."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a policy would have achieved. ``looks`` is of each article, the first one counted.

    Of each change: ``row`` its article, ``delay`` the seconds until it was seen (infinity: never),
    ``waited`` the same with never counted to the end, whether its version was ``kept``, and whether
    it was ``brief``, overwritten within half an hour.
    """

    looks: Floats
    row: Ints
    delay: Floats
    waited: Floats
    kept: NDArray[np.bool_]
    brief: NDArray[np.bool_]


def replay(history: History, policy: Policy) -> Replay:
    """Run a policy over a history."""
    state, looks = State(history), np.zeros(len(history))
    due = history.met.copy()
    seen = np.zeros(len(history), dtype=np.int64)
    noticed = np.full(history.changes.shape, np.inf)
    now = float(history.met.min())
    while np.isfinite(due).any():
        now = max(now, float(due.min()))
        policy.learn(state, now)
        while (rows := np.flatnonzero(due < now + policy.epoch)).size:
            at = due[rows]
            counts = (history.changes[rows] <= at[:, None]).sum(axis=1)
            _take_in(state, policy, rows, at, counts > seen[rows])
            _notice(noticed, rows, seen[rows], counts, at)
            seen[rows] = counts
            looks[rows] += 1
            later = at + np.maximum(policy.gaps(state, rows), 1.0)
            due[rows] = np.where(later <= history.end[rows], later, np.inf)
    return _outcome(history, looks, noticed)


def _take_in(
    state: State, policy: Policy, rows: Ints, at: Floats, found: NDArray[np.bool_]
) -> None:
    again = ~np.isnan(state.last[rows])
    if again.any():
        policy.saw(_looks(state, rows[again], at[again], found[again]))
    state.before[rows] = state.last[rows]
    state.last[rows] = at
    state.changed[rows] = np.where(found, at, state.changed[rows])
    state.changes[rows] += found
    state.quiet[rows] = np.where(found, 0, state.quiet[rows] + 1)


def _looks(state: State, rows: Ints, at: Floats, found: NDArray[np.bool_]) -> Looks:
    return Looks(
        article=rows,
        outlet=state.history.outlet[rows],
        born=state.history.born[rows],
        start=state.last[rows],
        end=at,
        changed_before=state.changed[rows],
        changes_before=state.changes[rows],
        found=found,
    )


def _notice(noticed: Floats, rows: Ints, before: Ints, after: Ints, at: Floats) -> None:
    """Note when each change was met: those after the count before, up to the count after."""
    changed = after > before
    rows, before, after, at = rows[changed], before[changed], after[changed], at[changed]
    places = np.arange(noticed.shape[1])
    fresh = (places >= before[:, None]) & (places < after[:, None])
    noticed[rows] = np.where(fresh, at[:, None], noticed[rows])


def _outcome(history: History, looks: Floats, noticed: Floats) -> Replay:
    real = np.isfinite(history.changes)
    following = np.column_stack([history.changes[:, 1:], np.full(len(history), np.inf)])[real]
    row = np.nonzero(real)[0]
    at, seen, end = history.changes[real], noticed[real], history.end[row]
    return Replay(
        looks,
        row,
        delay=seen - at,
        waited=np.minimum(seen, end) - at,
        kept=np.isfinite(seen) & (seen < following),
        brief=following - at < _BRIEF,
    )
