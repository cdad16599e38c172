"""What was seen, into the archive: one transaction for a batch of snapshots.

A straight line: load what was known, let ``judge`` decide, gather rows, write them. The
version, its changes, its notes and the alerts it raises become visible together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import duckdb

from store import bodies, documents
from store.address import host_of
from store.alerts import Found
from store.filing import Rows, keep_alert, keep_comments, keep_event, keep_fetch, keep_version
from store.judge import Event, Judgement, Settle, State, Waiting, judge
from store.model import Document, EventKind, Outcome, Recorded, Snapshot
from store.rows import insert, number_of, select, to_column
from store.telling import Telling, Waited, alerts_of

_FAILURES = {Outcome.FAILED, Outcome.REFUSED, Outcome.BLOCKED, Outcome.UNREADABLE}


class _Known:
    """What the archive knows of a batch's articles, and the documents they are compared by."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, articles: Sequence[int]) -> None:
        self._connection = connection
        self._documents: dict[int, Document] = {}
        self.states = {row["article_id"]: row for row in _states(connection, articles)}
        self.versions: dict[int, dict[int, dict[str, Any]]] = {}
        for row in _versions(connection, articles):
            self.versions.setdefault(row["article_id"], {})[row["number"]] = row

    def state(self, article: int) -> State:
        row = self.states[article]
        versions = self.versions.get(article, {})
        return State(
            current=row["current_version"],
            prints={known["document_print"]: number for number, known in versions.items()},
            removed=bool(row["removed"]),
            gone_streak=row["gone_streak"] or 0,
            held_print=row["held_print"],
            confirms=row["confirms"] or 0,
            waiting=Waiting(row["waiting"]) if row["waiting"] else None,
            before=row["before_version"],
            changed_at=row["last_change_at"],
        )

    def document(self, article: int, number: int) -> Document:
        wanted = self.versions[article][number]["document_id"]
        if wanted not in self._documents:
            self._documents[wanted] = documents.load(self._connection, wanted)
        return self._documents[wanted]

    def waited(self, article: int, verdict: Judgement) -> Waited | None:
        """Return the headline that has held by now, with the interval it was first seen in."""
        row = self.states[article]
        if verdict.settle is not Settle.TOLD or row["waiting"] != Waiting.HEADLINE:
            return None
        version = self.versions[article][row["current_version"]]
        return Waited(
            old=row["before_version"],
            new=row["current_version"],
            checked_before_at=version["checked_before_at"],
            seen_first_at=version["seen_first_at"],
        )


def record(
    connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], telling: Telling
) -> list[Recorded]:
    """File snapshots inside the caller's transaction; what comes back is in the order filed."""
    return [
        result for wave in _waves(snapshots) for result in _record_wave(connection, wave, telling)
    ]


def _waves(snapshots: Sequence[Snapshot]) -> Iterator[list[Snapshot]]:
    """Yield batches in which each article stands once, keeping every article's order."""
    left = list(snapshots)
    while left:
        wave: dict[int, Snapshot] = {}
        later = []
        for snapshot in left:
            if snapshot.fetch.article_id in wave:
                later.append(snapshot)
            else:
                wave[snapshot.fetch.article_id] = snapshot
        yield list(wave.values())
        left = later


def _record_wave(
    connection: duckdb.DuckDBPyConnection, wave: Sequence[Snapshot], telling: Telling
) -> list[Recorded]:
    known = _Known(connection, [snapshot.fetch.article_id for snapshot in wave])
    here = [snapshot for snapshot in wave if snapshot.fetch.article_id in known.states]
    rows = Rows()
    results = [_file(connection, known, rows, snapshot, telling) for snapshot in here]
    rows.write(connection)
    insert(
        connection,
        "article_states",
        [tuple(map(_column, state.values())) for state in known.states.values()],
        replace=True,
    )
    return results


def _file(
    connection: duckdb.DuckDBPyConnection,
    known: _Known,
    rows: Rows,
    seen: Snapshot,
    telling: Telling,
) -> Recorded:
    article = seen.fetch.article_id
    before = known.states[article]
    verdict = judge(known.state(article), seen, lambda number: known.document(article, number))
    fetch_id = number_of(article, seen.fetch.started_at.isoformat())
    number = len(known.versions.get(article, {})) + 1 if verdict.new_version else None
    keep_fetch(rows, fetch_id, seen, verdict)
    first_body = _keep_body(connection, rows, seen, verdict, before["first_body"])
    if number is not None and seen.document is not None:
        keep_version(
            rows,
            seen,
            seen.document,
            verdict,
            number=number,
            fetch_id=fetch_id,
            checked_before_at=before["last_good_at"],
        )
    if verdict.event is not None:
        keep_event(
            rows, seen.fetch, verdict.event, fetch_id, _interval(before, seen, verdict.event)
        )
    keep_comments(connection, rows, seen)
    if verdict.settle is not None:
        _settle(connection, article, verdict.settle)
    waited = known.waited(article, verdict)
    after = before | _moved_on(before, seen, verdict, number) | {"first_body": first_body}
    known.states[article] = {name: after[name] for name in before if name != "address"}
    alerts = alerts_of(
        telling,
        _frame(after, before, seen, verdict),
        verdict,
        number=number,
        waited=waited,
        version=lambda number: known.document(article, number),
        raised_at=seen.fetch.finished_at,
    )
    for alert, channels in alerts:
        keep_alert(rows, alert, number or verdict.current, channels)
    return Recorded(
        article_id=article,
        outcome=verdict.outcome,
        reason=verdict.reason,
        version=number,
        event=verdict.event.kind if verdict.event else None,
        changes=len(verdict.comparison.changes) if verdict.comparison else 0,
        alerts=len(alerts),
    )


def _states(connection: duckdb.DuckDBPyConnection, articles: Sequence[int]) -> list[dict[str, Any]]:
    return select(
        connection,
        """SELECT a.article_id, s.* EXCLUDE (article_id), a.address FROM articles a
           LEFT JOIN article_states s USING (article_id)
           WHERE a.article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [list(articles)],
    )


def _versions(
    connection: duckdb.DuckDBPyConnection, articles: Sequence[int]
) -> list[dict[str, Any]]:
    return select(
        connection,
        "SELECT * FROM versions WHERE article_id IN (SELECT unnest(?::UBIGINT[]))",
        [list(articles)],
    )


def _interval(
    before: dict[str, Any], seen: Snapshot, event: Event
) -> tuple[datetime | None, datetime]:
    """Return the check that still showed the other state, and the first that showed this one.

    A removal is told at its second look and began at its first; a page that is back was still
    away at the look before.
    """
    if event.kind is EventKind.REMOVED:
        return before["last_good_at"], before["last_fetch_at"]
    if event.kind is EventKind.RESTORED:
        return before["last_fetch_at"], seen.fetch.started_at
    return before["last_good_at"], seen.fetch.started_at


def _frame(
    after: dict[str, Any], before: dict[str, Any], seen: Snapshot, verdict: Judgement
) -> Found:
    checked_before_at, seen_first_at = before["last_good_at"], seen.fetch.started_at
    if verdict.event is not None and verdict.comparison is None:
        checked_before_at, seen_first_at = _interval(before, seen, verdict.event)
    return Found(
        article_id=seen.fetch.article_id,
        address=after["address"],
        outlet=after["outlet"] or host_of(after["address"]),
        headline=after["headline"],
        old_version=None,
        new_version=None,
        checked_before_at=checked_before_at,
        seen_first_at=seen_first_at,
    )


def _moved_on(
    before: dict[str, Any], seen: Snapshot, verdict: Judgement, number: int | None
) -> dict[str, Any]:
    """Return what this check changes in the article's summary."""
    fetch = seen.fetch
    changed = verdict.outcome is Outcome.READ
    moved = {
        "current_version": number or verdict.current,
        "versions": (before["versions"] or 0) + (number is not None),
        "checks": (before["checks"] or 0) + 1,
        "last_fetch_at": fetch.started_at,
        "last_outcome": verdict.outcome.value,
        "last_detail": verdict.detail,
        "last_reason": verdict.reason,
        "unchanged_streak": 0 if changed else (before["unchanged_streak"] or 0) + 1,
        "failures_streak": _streak(before["failures_streak"], verdict.outcome in _FAILURES),
        "gone_streak": _streak(before["gone_streak"], verdict.outcome is Outcome.GONE),
        "removed": verdict.removed,
        "held_print": verdict.held_print,
        "confirms": verdict.confirms,
        "waiting": verdict.waiting.value if verdict.waiting else None,
        "before_version": verdict.before,
    }
    if changed and before["current_version"] is not None:
        moved["last_change_at"] = fetch.started_at
    return moved | _validators(before, seen, verdict) | _frame_of(before, seen, number)


def _streak(length: int | None, goes_on: bool) -> int:  # noqa: FBT001
    return (length or 0) + 1 if goes_on else 0


def _validators(before: dict[str, Any], seen: Snapshot, verdict: Judgement) -> dict[str, Any]:
    """Keep validators of the current state only.

    After an odd answer the next look is unconditional, or a 304 would vouch for the odd answer.
    """
    fetch = seen.fetch
    if verdict.outcome is Outcome.HELD:
        return {"etag": None, "last_modified": None, "body_digest": None}
    if verdict.outcome not in {Outcome.READ, Outcome.UNCHANGED}:
        return {}
    return {
        "last_good_at": fetch.started_at,
        "first_read_at": before["first_read_at"] or fetch.started_at,
        "etag": fetch.etag or before["etag"],
        "last_modified": fetch.last_modified or before["last_modified"],
        "body_digest": fetch.body_digest or before["body_digest"],
    }


def _frame_of(before: dict[str, Any], seen: Snapshot, number: int | None) -> dict[str, Any]:
    if number is None or seen.document is None:
        return {}
    return {
        "headline": seen.document.headline,
        "published": seen.document.published,
        "outlet": seen.document.claims.outlet or before["outlet"],
    }


def _keep_body(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    seen: Snapshot,
    verdict: Judgement,
    first: str | None,
) -> str | None:
    """Keep the response unless it shows nothing new; return the article's first body."""
    digest = seen.fetch.body_digest
    if not seen.body or digest is None or verdict.outcome is Outcome.UNCHANGED:
        return first
    kept = connection.execute("SELECT 1 FROM bodies WHERE digest = ?", [digest]).fetchone()
    waiting = any(row[0] == digest for row in rows.tables.get("bodies", ()))
    if kept is None and not waiting:
        base = bodies.load(connection, first) if first else None
        packed = bodies.pack(seen.body, base)
        against = first if base is not None else None
        moment = to_column(seen.fetch.finished_at)
        rows.add("bodies", (digest, against, len(seen.body), packed, moment))
    return first or (digest if verdict.outcome is Outcome.READ else None)


def _settle(connection: duckdb.DuckDBPyConnection, article: int, settle: Settle) -> None:
    """Tell, or hold back for good, what waited for more looks."""
    held = None if settle is Settle.TOLD else settle.value
    for table in ("comparisons", "events"):
        connection.execute(
            f"UPDATE {table} SET held_by = ? WHERE article_id = ? AND held_by = 'unconfirmed'",  # noqa: S608
            [held, article],
        )


def _column(value: Any) -> Any:
    return to_column(value) if isinstance(value, datetime) else value
