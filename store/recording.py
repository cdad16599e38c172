"""What was seen, into the archive: one transaction for a batch of snapshots.

A straight line: load what was known, let ``judge`` decide, gather rows, write them. The
version, its changes, its notes and the alerts it raises become visible together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from store import bodies, documents, readings
from store.address import host_of
from store.alerts import Found
from store.aliases import keep_alias, owners_in, told_apart
from store.filing import Rows, keep_alert, keep_comments, keep_event, keep_fetch, keep_version
from store.judge import (
    Judgement,
    Settle,
    State,
    Waiting,
    document_print,
    judge,
    shows_current,
)
from store.model import Document, Outcome, Recorded, Snapshot
from store.repeats import Repeats
from store.rows import insert, number_of, select, to_column, to_row
from store.states import interval, moved_on, state_of
from store.telling import Telling, Waited, alerts_of


class _Known:
    """What the archive knows of a batch's articles, and the documents they are compared by."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, batch: Sequence[Snapshot]) -> None:
        articles = [seen.fetch.article_id for seen in batch]
        self._connection = connection
        self.owners = owners_in(connection, batch)
        self.states = {row["article_id"]: row for row in _states(connection, articles)}
        self.versions: dict[int, dict[int, dict[str, Any]]] = {}
        for row in _versions(connection, articles):
            self.versions.setdefault(row["article_id"], {})[row["number"]] = row
        self._again: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for row in readings.of_versions(connection, articles):
            self._again.setdefault((row["article_id"], row["extractor"]), []).append(row)
        self._documents = documents.load_all(connection, self._compared(batch))
        self.bodies = bodies.Kept(connection, batch, self.states)

    def _compared(self, batch: Sequence[Snapshot]) -> set[int]:
        """Return the documents that this batch will be held against, to load them in one go."""
        wanted = set()
        for seen in batch:
            article = seen.fetch.article_id
            state, versions = self.states.get(article, {}), self.versions.get(article, {})
            if seen.document is None or state.get("current_version") is None:
                continue
            current = versions[state["current_version"]]
            if current["document_print"] != document_print(seen.document):
                wanted.add(current["document_id"])
        return wanted

    def state(self, article: int, document: Document | None) -> State:
        """Return how an article stands, its versions known by what this reader made of them."""
        versions = self.versions.get(article, {})
        prints = {known["document_print"]: number for number, known in versions.items()}
        for row in self._read_again(article, document):
            prints[row["document_print"]] = row["number"]
        return state_of(self.states[article], prints)

    def _read_again(self, article: int, document: Document | None) -> list[dict[str, Any]]:
        return self._again.get((article, document.extractor), []) if document else []

    def shown(self, article: int, document: Document | None) -> int | None:
        """Return the kept document that says what was read, where there is one."""
        if document is None:
            return None
        reading = document_print(document)
        for known in self.versions.get(article, {}).values():
            if known["document_print"] == reading:
                return int(known["document_id"])
        return None

    def alike(self, article: int, number: int, document: Document | None) -> Document:
        """Return a version as the reader of ``document`` reads it, where it did."""
        found = self.document(article, number)
        if document is None or found.extractor == document.extractor:
            return found
        again = [row for row in self._read_again(article, document) if row["number"] == number]
        return self._loaded(again[-1]["document_id"]) if again else found

    def document(self, article: int, number: int) -> Document:
        return self._loaded(self.versions[article][number]["document_id"])

    def _loaded(self, wanted: int) -> Document:
        if wanted not in self._documents:
            self._documents[wanted] = documents.load(self._connection, wanted)
        return self._documents[wanted]

    def kept(self, article: int, number: int) -> Document:
        """Return a version of any article, in the batch or not."""
        if number in self.versions.get(article, {}):
            return self.document(article, number)
        row = self._connection.execute(
            "SELECT document_id FROM versions WHERE article_id = ? AND number = ?",
            [article, number],
        ).fetchone()
        assert row is not None
        return documents.load(self._connection, row[0])

    def waited(self, article: int, verdict: Judgement) -> Waited | None:
        """Return the headline that has held by now, with the interval it was first seen in."""
        row = self.states[article]
        if verdict.settle is not Settle.TOLD or row["waiting"] != Waiting.HEADLINE:
            return None
        version = self.versions[article][row["current_version"]]
        if version["seen_first_at"] == row["first_read_at"]:
            return None  # our first look showed it, beside an archive's capture: it may be old
        return Waited(
            old=row["before_version"],
            new=row["current_version"],
            checked_before_at=version["checked_before_at"],
            checked_before_by=version["checked_before_by"],
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
    known = _Known(connection, wave)
    here = [snapshot for snapshot in wave if snapshot.fetch.article_id in known.states]
    rows = Rows()
    fresh = {s.fetch.article_id: s.document for s in here if s.document is not None}
    repeats = Repeats(
        connection, rows, lambda article, number: fresh.get(article) or known.kept(article, number)
    )
    results = [
        _file(connection, known, rows, repeats, snapshot, telling=telling) for snapshot in here
    ]
    rows.write(connection)
    repeats.settle()
    insert(
        connection,
        "article_states",
        [to_row(state.values()) for state in known.states.values()],
        replace=True,
    )
    return results


def _file(
    connection: duckdb.DuckDBPyConnection,
    known: _Known,
    rows: Rows,
    repeats: Repeats,
    seen: Snapshot,
    *,
    telling: Telling,
) -> Recorded:
    article = seen.fetch.article_id
    before = known.states[article]
    seen = told_apart(connection, seen, known.kept, known.owners)
    verdict = judge(
        known.state(article, seen.document),
        seen,
        lambda number: known.alike(article, number, seen.document),
    )
    fetch_id = number_of(article, seen.fetch.started_at.isoformat())
    number = len(known.versions.get(article, {})) + 1 if verdict.new_version else None
    keep_fetch(rows, fetch_id, seen, verdict, known.shown(article, seen.document))
    first_body = _keep_bodies(known.bodies, rows, seen, verdict, before["first_body"])
    if number is not None and seen.document is not None:
        verdict = repeats.judged(host_of(before["address"]), seen, verdict, number)
        keep_version(
            rows,
            seen,
            seen.document,
            verdict,
            number=number,
            fetch_id=fetch_id,
            checked_before_at=before["last_good_at"],
            checked_before_by=before["last_good_by"],
        )
    if verdict.event is not None:
        keep_event(rows, seen.fetch, verdict.event, fetch_id, interval(before, seen, verdict.event))
    if shows_current(verdict):
        keep_alias(connection, seen.fetch, before["address"], known.owners)
    keep_comments(connection, rows, seen)
    if verdict.settle is not None:
        _settle(connection, article, verdict.settle)
    waited = known.waited(article, verdict)
    after = before | moved_on(before, seen, verdict, number) | {"first_body": first_body}
    known.states[article] = {name: after[name] for name in before if name != "address"}
    # What our first look finds beside an archive's captures may have happened long ago.
    watched_before = before["first_read_at"] is not None
    alerts = alerts_of(
        telling if watched_before else Telling(),
        _frame(after, before, seen, verdict),
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


def _frame(
    after: dict[str, Any], before: dict[str, Any], seen: Snapshot, verdict: Judgement
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


def _settle(connection: duckdb.DuckDBPyConnection, article: int, settle: Settle) -> None:
    """Tell, or hold back for good, what waited for more looks."""
    held = None if settle is Settle.TOLD else settle.value
    for table in ("comparisons", "events"):
        connection.execute(
            f"UPDATE {table} SET held_by = ? WHERE article_id = ? AND held_by = 'unconfirmed'",  # noqa: S608
            [held, article],
        )
