"""The archive's side of template noise: which passages changed lately, and what they repeat.

Rows are appended in the order of time, so the window cuts off all but the newest of the table
before anything is compared, and a batch asks once: no index is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from store.compare.reasons import verdict_reason
from store.filing import Rows, factual_edits, lead_kind
from store.judge import HeldBy, Judgement
from store.model import Change, ChangeKind, Document, Snapshot, Verdict
from store.rows import select
from store.templates import (
    LEAST_ARTICLES,
    MOST_LOOKED_AT,
    WINDOW,
    held_reason,
    is_template,
    repeatable,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage changed before, and when (as a column has it)."""

    article: int
    number: int
    held: bool
    at: datetime


class Repeats:
    """What one batch repeats: what the archive had of its passages, and the rows not yet written.

    ``judged`` is all of the batch that has a comparison: one question brings what it may repeat.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Rows,
        document: Callable[[int, int], Document],
        judged: Iterable[tuple[Snapshot, Judgement]],
    ) -> None:
        self._connection = connection
        self._rows = rows
        self._document = document
        self._known: dict[tuple[str, int], Snapshot] = {}
        self._places = _places(connection, judged)

    def judged(self, host: str, seen: Snapshot, verdict: Judgement, number: int) -> Judgement:
        """Return a judgement that holds back what is furniture, and keep all passages."""
        comparison, document = verdict.comparison, seen.document
        if comparison is None or document is None:
            return verdict
        passages = repeatable(comparison.changes)
        noise = frozenset(
            place
            for place, digest in passages.items()
            if self._repeats(comparison.changes[place], document, self._before(host, seen, digest))
        )
        self._keep(host, seen, number, passages, noise)
        nothing_left = len(noise) == len(comparison.changes)
        held = HeldBy.TEMPLATE if nothing_left else verdict.held_by
        return replace(verdict, noise=noise, held_by=held)

    def _keep(
        self,
        host: str,
        seen: Snapshot,
        number: int,
        passages: Mapping[int, int],
        noise: Collection[int],
    ) -> None:
        at, article = _column(seen), seen.fetch.article_id
        for place, digest in passages.items():
            held = place in noise
            self._rows.add("passages", (host, digest, article, number, place, at, held))
            one = Place(article, number, held, at)
            self._places.setdefault((host, digest), []).append(one)
            if held:
                self._known[host, digest] = seen

    def settle(self) -> None:
        """Hold back what was told before it was known to be furniture; after the rows are written.

        Alerts that were raised for it stand: they happened.
        """
        for (host, digest), seen in self._known.items():
            told = select(
                self._connection,
                """UPDATE passages SET held = true WHERE host = ? AND digest = ? AND NOT held
                     AND seen_first_at >= ? RETURNING article_id, new_number""",
                [host, digest, _since(seen)],
            )
            for row in told:
                _tell_the_rest(self._connection, row["article_id"], row["new_number"])

    def _before(self, host: str, seen: Snapshot, digest: int) -> list[Place]:
        """Return where a passage changed in other articles within the window, oldest first."""
        since = _since(seen)
        return [
            place
            for place in self._places.get((host, digest), ())
            if place.article != seen.fetch.article_id and place.at >= since
        ]

    def _repeats(self, change: Change, document: Document, before: list[Place]) -> bool:
        if any(place.held for place in before):
            return True
        latest = {place.article: place.number for place in before}
        if len(latest) < LEAST_ARTICLES - 1:
            return False
        others = list(latest.items())[-MOST_LOOKED_AT:]
        return is_template(change, [document, *(self._document(*one) for one in others)])


def _column(seen: Snapshot) -> datetime:
    """When a look began, as a column has it."""
    return seen.fetch.started_at.astimezone(UTC).replace(tzinfo=None)


def _since(seen: Snapshot) -> datetime:
    return _column(seen) - WINDOW


def _places(
    connection: duckdb.DuckDBPyConnection, judged: Iterable[tuple[Snapshot, Judgement]]
) -> dict[tuple[str, int], list[Place]]:
    """Return where the passages that changed now changed lately, by host, oldest first."""
    compared = [(seen, verdict.comparison) for seen, verdict in judged if verdict.comparison]
    wanted = {
        digest for _, comparison in compared for digest in repeatable(comparison.changes).values()
    }
    places: dict[tuple[str, int], list[Place]] = {}
    if not wanted:
        return places
    rows = connection.execute(
        """SELECT host, digest, article_id, new_number, held, seen_first_at FROM passages
           WHERE seen_first_at >= ? AND digest IN (SELECT unnest(?::UBIGINT[]))
           ORDER BY seen_first_at, rowid""",
        [min(_since(seen) for seen, _ in compared), list(wanted)],
    ).fetchall()
    for host, digest, *place in rows:
        places.setdefault((host, digest), []).append(Place(*place))
    return places


def _tell_the_rest(connection: duckdb.DuckDBPyConnection, article: int, number: int) -> None:
    """Word a comparison anew by what is left of it; hold it back where nothing is."""
    rows = select(
        connection,
        """SELECT c.kind, c.significance, c.reason, c.note, c.declared_by, c.family,
                  k.kinds FROM changes c
           JOIN comparisons k USING (article_id, new_number)
           WHERE c.article_id = ? AND c.new_number = ? AND c.ordinal NOT IN (
               SELECT p.ordinal FROM passages p
               WHERE p.held AND p.article_id = c.article_id AND p.new_number = c.new_number)
           ORDER BY c.ordinal""",
        [article, number],
    )
    if not rows:
        connection.execute(
            """UPDATE comparisons SET held_by = ?, reason = ? || reason, factual = 0, admitted = 0
               WHERE article_id = ? AND new_number = ? AND held_by IS NULL""",
            [HeldBy.TEMPLATE.value, held_reason(""), article, number],
        )
        return
    left = [
        Change(
            kind=ChangeKind(row["kind"]),
            old=None,
            new=None,
            significance=row["significance"],
            reason=row["reason"],
            note=row["note"],
            declared_by=row["declared_by"],
            family=row["family"],
        )
        for row in rows
    ]
    connection.execute(
        """UPDATE comparisons SET significance = ?, reason = ?, changes = ?, kind = ?, factual = ?,
             admitted = ?
           WHERE article_id = ? AND new_number = ?""",
        [
            max(change.significance for change in left),
            verdict_reason(Verdict.CHANGED, left),
            len(left),
            lead_kind(left, rows[0]["kinds"]),
            *factual_edits(left),
            article,
            number,
        ],
    )
