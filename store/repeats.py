"""The archive's side of template noise: which passages changed lately, and what they repeat.

Rows are appended in the order of time, so the window cuts off all but the newest of the table
before anything is compared: no index is kept (0.9 ms of CPU over two million rows).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import duckdb

from store.compare.reasons import verdict_reason
from store.filing import Rows, lead_kind
from store.judge import HeldBy, Judgement
from store.model import Change, ChangeKind, Document, Snapshot, Verdict
from store.rows import select, to_column
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
    """Where a passage changed before."""

    article: int
    number: int
    held: bool


class Repeats:
    """What one batch repeats: asks the archive, and the rows of the batch not yet written."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        rows: Rows,
        document: Callable[[int, int], Document],
    ) -> None:
        self._connection = connection
        self._rows = rows
        self._document = document
        self._known: dict[tuple[str, int], Snapshot] = {}

    def judged(self, host: str, seen: Snapshot, verdict: Judgement, number: int) -> Judgement:
        """Return a judgement that holds back what is furniture, and keep all passages."""
        comparison, document = verdict.comparison, seen.document
        if comparison is None or document is None:
            return verdict
        passages = repeatable(comparison.changes)
        before = self._before(host, seen, passages.values())
        noise = frozenset(
            place
            for place, digest in passages.items()
            if self._repeats(comparison.changes[place], document, before.get(digest, []))
        )
        at = to_column(seen.fetch.started_at)
        for place, digest in passages.items():
            row = (host, digest, seen.fetch.article_id, number, place, at, place in noise)
            self._rows.add("passages", row)
            if place in noise:
                self._known[host, digest] = seen
        nothing_left = len(noise) == len(comparison.changes)
        held = HeldBy.TEMPLATE if nothing_left else verdict.held_by
        return replace(verdict, noise=noise, held_by=held)

    def settle(self) -> None:
        """Hold back what was told before it was known to be furniture; after the rows are written.

        Alerts that were raised for it stand: they happened.
        """
        for (host, digest), seen in self._known.items():
            told = select(
                self._connection,
                """UPDATE passages SET held = true WHERE host = ? AND digest = ? AND NOT held
                     AND seen_first_at >= ? RETURNING article_id, new_number""",
                [host, digest, to_column(seen.fetch.started_at - WINDOW)],
            )
            for row in told:
                _tell_the_rest(self._connection, row["article_id"], row["new_number"])

    def _before(
        self, host: str, seen: Snapshot, digests: Collection[int]
    ) -> dict[int, list[Place]]:
        """Return where these passages changed in other articles within the window, newest first."""
        wanted = list(digests)
        if not wanted:
            return {}
        since = to_column(seen.fetch.started_at - WINDOW)
        kept = self._connection.execute(
            """SELECT digest, article_id, new_number, held FROM passages
               WHERE seen_first_at >= ? AND host = ? AND list_contains(?::UBIGINT[], digest)
               ORDER BY seen_first_at DESC""",
            [since, host, wanted],
        ).fetchall()
        waiting = [
            (row[1], row[2], row[3], row[6])
            for row in self._rows.tables.get("passages", ())
            if row[0] == host and row[1] in wanted
        ]
        places: dict[int, list[Place]] = {}
        for digest, article, number, held in (*waiting[::-1], *kept):
            if article != seen.fetch.article_id:
                places.setdefault(digest, []).append(Place(article, number, held))
        return places

    def _repeats(self, change: Change, document: Document, before: list[Place]) -> bool:
        if any(place.held for place in before):
            return True
        latest = {place.article: place.number for place in reversed(before)}
        if len(latest) < LEAST_ARTICLES - 1:
            return False
        others = list(latest.items())[-MOST_LOOKED_AT:]
        return is_template(change, [document, *(self._document(*one) for one in others)])


def _tell_the_rest(connection: duckdb.DuckDBPyConnection, article: int, number: int) -> None:
    """Word a comparison anew by what is left of it; hold it back where nothing is."""
    rows = select(
        connection,
        """SELECT c.kind, c.significance, c.reason, c.note, c.declared_by, k.kinds FROM changes c
           JOIN comparisons k USING (article_id, new_number)
           WHERE c.article_id = ? AND c.new_number = ? AND c.ordinal NOT IN (
               SELECT p.ordinal FROM passages p
               WHERE p.held AND p.article_id = c.article_id AND p.new_number = c.new_number)
           ORDER BY c.ordinal""",
        [article, number],
    )
    if not rows:
        connection.execute(
            """UPDATE comparisons SET held_by = ?, reason = ? || reason
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
        )
        for row in rows
    ]
    connection.execute(
        """UPDATE comparisons SET significance = ?, reason = ?, changes = ?, kind = ?
           WHERE article_id = ? AND new_number = ?""",
        [
            max(change.significance for change in left),
            verdict_reason(Verdict.CHANGED, left),
            len(left),
            lead_kind(left, rows[0]["kinds"]),
            article,
            number,
        ],
    )
