"""What an article said at a moment, as far as looks at it can tell.

Nobody watched without a pause: between two looks that show different states, both may have
stood. Deciding is pure; one function reads the looks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from store.judge import MOVED
from store.message import looked, moment
from store.model import Outcome
from store.rows import select

# A version may have been read again since by a newer extractor: the look that brought it still
# names the reading of that day.
_SHOWN_BY = """
    SELECT v.document_id, v.number FROM versions v WHERE v.article_id = ?
    UNION SELECT f.document_id, v.number FROM versions v JOIN fetches f USING (fetch_id)
        WHERE v.article_id = ?
    UNION SELECT c.document_id, v.number FROM versions v
        JOIN captures c ON c.capture_id = v.fetch_id WHERE v.article_id = ?
"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look that showed a known state: its version, or None where the article was gone.

    ``by`` names the archive whose capture it was; None is a check of ours.
    """

    seen_at: datetime
    version: int | None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The looks around a moment; ``before`` may be of that very moment. At least one is there."""

    before: Sighting | None
    after: Sighting | None

    @property
    def is_sure(self) -> bool:
        """Whether the looks on both sides showed the same state."""
        return (
            self.before is not None
            and self.after is not None
            and self.before.version == self.after.version
        )


def sightings(connection: duckdb.DuckDBPyConnection, article: int) -> list[Sighting]:
    """Return every look that showed a known state of an article, in the order of time.

    A look that met a wall, an error or half a page showed none.
    """
    numbers = {
        row["document_id"]: row["number"] for row in select(connection, _SHOWN_BY, [article] * 3)
    }
    return sorted(
        [*_own(connection, article, numbers), *_captured(connection, article, numbers)],
        key=lambda one: one.seen_at,
    )


def standing(looks: Sequence[Sighting], when: datetime) -> Standing | None:
    """Return the looks around ``when``; None where there is no look at all."""
    before = [one for one in looks if one.seen_at <= when]
    after = [one for one in looks if one.seen_at > when]
    if not before and not after:
        return None
    return Standing(before[-1] if before else None, after[0] if after else None)


def in_words(found: Standing, when: datetime) -> str:
    """Say in one sentence what is known of the moment, and by which looks."""
    at, before, after = moment(when), found.before, found.after
    if before is None:
        assert after is not None
        return f"Nothing is known of {at}: the first look was {looked(after.seen_at, after.by)}."
    seen = looked(before.seen_at, before.by)
    if after is None:
        return f"{_state(before)} was seen last by {seen}; no look after {at} is kept."
    then = looked(after.seen_at, after.by)
    if found.is_sure:
        return f"{_state(before)} was seen by {seen} and by {then}, before and after {at}."
    return (
        f"{_state(before)} was seen by {seen} and {_state(after)[0].lower()}{_state(after)[1:]} by "
        f"{then}; which of them stood at {at} is not known."
    )


def _state(seen: Sighting) -> str:
    return "No article (it was gone)" if seen.version is None else f"Version {seen.version}"


def _own(
    connection: duckdb.DuckDBPyConnection, article: int, numbers: dict[int, int]
) -> list[Sighting]:
    """Our checks in the order they were recorded: one that found nothing new shows the same.

    Where our clock was set back, the checks whose times do not fit the order are left out.
    """
    rows = select(
        connection,
        "SELECT started_at, outcome, detail, document_id FROM fetches WHERE article_id = ? "
        "ORDER BY rowid",
        [article],
    )
    found: list[Sighting] = []
    stands: int | None = None
    for row in rows:
        if row["outcome"] == Outcome.GONE:
            found.append(Sighting(row["started_at"], None))
        elif row["outcome"] in {Outcome.READ, Outcome.UNCHANGED} or row["detail"] == MOVED:
            stands = numbers.get(row["document_id"], stands)
            if stands is not None:
                found.append(Sighting(row["started_at"], stands))
    return in_order(found)


def in_order(recorded: Sequence[Sighting]) -> list[Sighting]:
    """Return the most looks whose times follow the order in which they were recorded.

    A clock that ran ahead and was set right makes a few looks seem later than those after them;
    one that woke in the past makes a few seem earlier. Either way the few do not count.
    """
    ends: list[int] = []  # of the shortest-ending row of looks of each length, its last look
    before: list[int | None] = []
    for place, look in enumerate(recorded):
        length = bisect_right(ends, look.seen_at, key=lambda end: recorded[end].seen_at)
        before.append(ends[length - 1] if length else None)
        ends[length : length + 1] = [place]
    found: list[Sighting] = []
    step = ends[-1] if ends else None
    while step is not None:
        found.append(recorded[step])
        step = before[step]
    return found[::-1]


def _captured(
    connection: duckdb.DuckDBPyConnection, article: int, numbers: dict[int, int]
) -> list[Sighting]:
    rows = select(
        connection,
        "SELECT captured_at, document_id, archive FROM captures WHERE article_id = ? "
        "AND outcome = ?",
        [article, Outcome.READ.value],
    )
    return [
        Sighting(row["captured_at"], numbers[row["document_id"]], row["archive"])
        for row in rows
        if row["document_id"] in numbers
    ]
