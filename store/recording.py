"""What was seen, into the archive: one transaction for a batch of snapshots.

A straight line: load what was known, let ``judge`` decide, gather rows, write them. The
version, its changes, its notes and the alerts it raises become visible together.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from store import bodies, rules
from store.address import host_of
from store.alerts import Found
from store.aliases import keep_alias, told_apart
from store.filing import Rows, keep_alert, keep_comments, keep_event, keep_fetch, keep_version
from store.judge import Judgement, Settle, judge, shows_current
from store.known import Known
from store.model import Outcome, Recorded, Snapshot
from store.repeats import Repeats
from store.rows import insert, number_of, to_column, to_row
from store.states import interval, moved_on
from store.telling import Telling, alerts_of

_NOT_STATE = ("address", "source")  # read beside an article's state, of the article itself


def record(
    connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], telling: Telling
) -> list[Recorded]:
    """File snapshots inside the caller's transaction; what comes back is in the order filed."""
    now_told = rules.telling(connection, telling)
    with _no_garbage_sought():
        return [
            result
            for wave in _waves(snapshots)
            for result in _record_wave(connection, wave, now_told)
        ]


@contextmanager
def _no_garbage_sought() -> Iterator[None]:
    """Leave Python's search for cycles out meanwhile; one thread of a process records at a time.

    What a batch makes goes as its last reference does; to go through it all again and again was
    a fifth of the CPU of recording.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one snapshot means, and how its article stood; ``reading`` is its document's print."""

    seen: Snapshot
    before: dict[str, Any]
    verdict: Judgement
    reading: int | None


def _record_wave(
    connection: duckdb.DuckDBPyConnection, wave: Sequence[Snapshot], telling: Telling
) -> list[Recorded]:
    known = Known(connection, wave)
    here = [snapshot for snapshot in wave if snapshot.fetch.article_id in known.states]
    judged = [_judged(connection, known, snapshot) for snapshot in here]
    rows = Rows()
    fresh = {s.fetch.article_id: s.document for s in here if s.document is not None}
    repeats = Repeats(
        connection,
        rows,
        lambda article, number: fresh.get(article) or known.kept(article, number),
        [(one.seen, one.verdict) for one in judged],
    )
    results = [_file(known, rows, repeats, one, telling=telling) for one in judged]
    _settle(connection, judged)
    rows.write(connection, known.numbers)
    repeats.settle()
    insert(
        connection,
        "article_states",
        [to_row(state.values()) for state in known.states.values()],
        replace=True,
    )
    return results


def _judged(connection: duckdb.DuckDBPyConnection, known: Known, seen: Snapshot) -> _Judged:
    """Judge one snapshot, and keep where its address led."""
    article = seen.fetch.article_id
    before = known.states[article]
    seen = told_apart(connection, seen, known.kept, known.owners)
    reading = known.prints[article] if seen.document else None
    state = known.state(article, seen.document)
    verdict = judge(
        state, seen, reading, lambda number: known.alike(article, number, seen.document)
    )
    if shows_current(verdict):
        keep_alias(connection, seen.fetch, before["address"], known.owners)
    return _Judged(seen, before, verdict, reading)


def _file(
    known: Known, rows: Rows, repeats: Repeats, one: _Judged, *, telling: Telling
) -> Recorded:
    seen, before, verdict = one.seen, one.before, one.verdict
    article = seen.fetch.article_id
    fetch_id = number_of(article, seen.fetch.started_at.isoformat())
    number = len(known.versions.get(article, {})) + 1 if verdict.new_version else None
    shown = known.shown(article, seen.document)
    shown = keep_fetch(rows, fetch_id, seen, verdict, shown=shown, reading=one.reading)
    first_body = _keep_bodies(known.bodies, rows, seen, verdict, before["first_body"])
    if number is not None and seen.document is not None:
        assert shown is not None
        assert one.reading is not None
        verdict = repeats.judged(host_of(before["address"]), seen, verdict, number)
        keep_version(
            rows,
            seen,
            seen.document,
            verdict,
            number=number,
            document_id=shown,
            reading=one.reading,
            fetch_id=fetch_id,
            checked_before_at=before["last_good_at"],
            checked_before_by=before["last_good_by"],
        )
    if verdict.event is not None:
        keep_event(rows, seen.fetch, verdict.event, fetch_id, interval(before, seen, verdict.event))
    keep_comments(rows, seen, known.comments)
    waited = known.waited(article, verdict)
    after = before | moved_on(before, seen, verdict, number) | {"first_body": first_body}
    known.states[article] = {name: after[name] for name in before if name not in _NOT_STATE}
    # What our first look finds beside an archive's captures may have happened long ago.
    watched_before = before["first_read_at"] is not None
    alerts = alerts_of(
        telling if watched_before else Telling(),
        _frame(after, before, seen, verdict, telling.stories.get(article, ())),
        verdict,
        number=number,
        waited=waited,
        version=lambda number: known.alike(
            article, number, known.document(article, waited.new) if waited else None
        ),
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
        changes=len(verdict.comparison.changes) - len(verdict.noise) if verdict.comparison else 0,
        alerts=len(alerts),
    )


def _frame(
    after: dict[str, Any],
    before: dict[str, Any],
    seen: Snapshot,
    verdict: Judgement,
    stories: tuple[str, ...],
) -> Found:
    checked_before_at, seen_first_at = before["last_good_at"], seen.fetch.started_at
    if verdict.event is not None and verdict.comparison is None:
        checked_before_at, seen_first_at = interval(before, seen, verdict.event)
    return Found(
        article_id=seen.fetch.article_id,
        address=after["address"],
        outlet=after["outlet"] or host_of(after["address"]),
        headline=after["headline"],
        old_version=None,
        new_version=None,
        checked_before_at=checked_before_at,
        checked_before_by=before["last_good_by"],
        seen_first_at=seen_first_at,
        source=before["source"],
        stories=stories,
    )


def _keep_bodies(
    kept: bodies.Kept, rows: Rows, seen: Snapshot, verdict: Judgement, first: str | None
) -> str | None:
    """Keep the responses unless they show nothing new; return the article's first body."""
    if not seen.body or verdict.outcome in {Outcome.UNCHANGED, Outcome.MOVED}:
        return first
    fetch = seen.fetch
    following = [(page.body_digest, page.body, page.finished_at) for page in seen.pages]
    for digest, body, finished_at in [
        (fetch.body_digest, seen.body, fetch.finished_at),
        *following,
    ]:
        if digest is not None and body and kept.is_new(digest):
            against, packed = kept.packed(digest, body, first)
            rows.add("bodies", (digest, against, len(body), packed, to_column(finished_at)))
    return first or (fetch.body_digest if verdict.outcome is Outcome.READ else None)


def _settle(connection: duckdb.DuckDBPyConnection, judged: Sequence[_Judged]) -> None:
    """Tell, or hold back for good, what waited for more looks."""
    for settle in Settle:
        articles = [one.seen.fetch.article_id for one in judged if one.verdict.settle is settle]
        if articles:
            _settle_all(connection, articles, None if settle is Settle.TOLD else settle.value)


def _settle_all(
    connection: duckdb.DuckDBPyConnection, articles: list[int], held: str | None
) -> None:
    for table in ("comparisons", "events"):
        connection.execute(
            f"""UPDATE {table} SET held_by = ? WHERE held_by = 'unconfirmed'
                AND article_id IN (SELECT unnest(?::UBIGINT[]))""",  # noqa: S608
            [held, articles],
        )
