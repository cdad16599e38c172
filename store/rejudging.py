"""All findings of one article made again from its facts: read them, replay them, write anew.

Facts stay as they are and no alert is raised. Versions are numbered in the order of time, so a
version may get another number; what alerts say of it follows. The long part, comparing, is done
outside of any session. Looks that were recorded meanwhile are taken in while nobody can record
more: it comes to its end, however busy the archive is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from store import documents, readings
from store.address import host_of
from store.filing import Rows, keep_event, keep_version
from store.judge import MOVED, document_print
from store.model import Document, Fetch, Outcome, Snapshot, Why
from store.moved import TOLD_OF, Moved, moved
from store.readings import ReadAgain
from store.repeats import Repeats
from store.replay import Fact, Reading, Replay, State, Step, in_order
from store.rows import insert, select, to_row
from store.session import Sessions

_FINDINGS = ("versions", "comparisons", "changes", "notes", "events", "passages")
_VERSIONS = re.compile(r"\b(old|new)=(\d+)(?![\d-])")  # in the deep link of an alert of before
_SHOWN = frozenset({Outcome.READ, Outcome.UNCHANGED, Outcome.MOVED, Outcome.HELD})
_CURRENT = _SHOWN - {Outcome.HELD}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one article: its facts in order, and its findings.

    ``blank`` is its summary before anything was seen, ``mark`` counts its facts, ``waited`` are
    those whose finding waits for more looks.
    """

    article: int
    address: str
    blank: State
    facts: tuple[Fact, ...]
    findings: Mapping[str, list[dict[str, Any]]]
    waited: frozenset[int]
    mark: tuple[int, ...]


def judge_again(
    sessions: Sessions, article: int, fresh: Sequence[ReadAgain] = (), *, dry_run: bool = False
) -> Moved:
    """Make all findings of an article again, ``fresh`` readings of its pages taken in.

    One transaction; with ``dry_run`` nothing is written. Returns what moved: nothing where the
    article was forgotten meanwhile.
    """
    library: Library = {}
    with sessions.reading() as connection:
        case = gathered(connection, article, fresh, library)
    if case is None:
        return Moved()
    replay = Replay(case.blank)
    replay.take(case.facts)
    with sessions.reading() if dry_run else sessions.writing() as connection:
        if not dry_run and _mark(connection, article) != case.mark:
            newer = gathered(connection, article, fresh, library)
            if newer is None:
                return Moved()
            case, replay = newer, _gone_on(replay, case, newer)
        steps, after = replay.ended(case.waited)
        made = Rows()
        repeats = _make(connection, made, case, steps, library)
        if not dry_run:
            readings.keep(connection, fresh)
            _write(connection, case, made, steps, after)
            repeats.settle()
        return moved(case.findings, _named(connection, made), _readers(steps))


def _gone_on(replay: Replay, case: Case, newer: Case) -> Replay:
    """Take in what was recorded meanwhile: most often looks behind all that were judged."""
    known = len(case.facts)
    if (newer.blank, newer.facts[:known]) != (case.blank, case.facts):
        replay, known = Replay(newer.blank), 0
    replay.take(newer.facts[known:])
    return replay


def unjudged(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the articles whose newest facts are not in their findings."""
    found = connection.execute("SELECT article_id FROM unjudged ORDER BY article_id").fetchall()
    return [article for (article,) in found]


def mark_unjudged(connection: duckdb.DuckDBPyConnection, articles: set[int]) -> None:
    """Say that these articles got facts that are not in their findings yet."""
    insert(connection, "unjudged", [(article,) for article in sorted(articles)], replace=True)


def judged_by_another(connection: duckdb.DuckDBPyConnection, engine: str) -> list[int]:
    """Return the articles with findings of another engine, or with facts that wait for any."""
    found = connection.execute(
        "SELECT article_id FROM comparisons WHERE engine <> ? UNION FROM unjudged ORDER BY 1",
        [engine],
    ).fetchall()
    return [article for (article,) in found]


def _readers(steps: Sequence[Step]) -> Iterator[str]:
    return (one.seen.document.extractor for one in steps if one.version and one.seen.document)


# --------------------------------------------------------------------------
# Facts


def gathered(
    connection: duckdb.DuckDBPyConnection,
    article: int,
    fresh: Sequence[ReadAgain],
    library: Library,
) -> Case | None:
    """Read what is known of an article, or None where it is not kept.

    ``fresh`` readings count as if they were kept; documents come into the ``library``.
    """
    before = _summary(connection, article)
    if before is None:
        return None
    _fetch_documents(connection, library, _mentioned(connection, article))
    again = _read_again(connection, article, library, fresh)
    own = _own(connection, article, library, again)
    captured = list(_captured(connection, article, library, again))
    findings = {table: _rows(connection, table, article) for table in _FINDINGS}
    return Case(
        article=article,
        address=before["address"],
        blank=before | _blank(before),
        facts=tuple(in_order(own, captured)),
        findings=findings,
        waited=_waited(findings),
        mark=_mark(connection, article),
    )


Library = dict[int, Document]
"""Documents by their number, each read once: they never change."""


def _fetch_documents(
    connection: duckdb.DuckDBPyConnection, library: Library, wanted: Collection[int]
) -> None:
    library.update(documents.load_all(connection, set(wanted) - library.keys()))


def _mentioned(connection: duckdb.DuckDBPyConnection, article: int) -> set[int]:
    """Return the documents that an article's facts name."""
    found = connection.execute(
        """SELECT document_id FROM fetches WHERE article_id = $1
           UNION SELECT document_id FROM captures WHERE article_id = $1
           UNION SELECT document_id FROM readings WHERE article_id = $1""",
        [article],
    ).fetchall()
    return {number for (number,) in found if number is not None}


def _rows(connection: duckdb.DuckDBPyConnection, table: str, article: int) -> list[dict[str, Any]]:
    return select(connection, f"SELECT * FROM {table} WHERE article_id = ?", [article])  # noqa: S608


def _mark(connection: duckdb.DuckDBPyConnection, article: int) -> tuple[int, ...]:
    row = connection.execute(
        """SELECT (SELECT count(*) FROM fetches WHERE article_id = $1),
                  (SELECT count(*) FROM captures WHERE article_id = $1),
                  (SELECT count(*) FROM readings WHERE article_id = $1)""",
        [article],
    ).fetchone()
    assert row is not None
    return row


def _waited(findings: Mapping[str, list[dict[str, Any]]]) -> frozenset[int]:
    waiting = {
        row["new_number"] for row in findings["comparisons"] if row["held_by"] == "unconfirmed"
    }
    looks = {row["fetch_id"] for row in findings["versions"] if row["number"] in waiting}
    events = {row["fetch_id"] for row in findings["events"] if row["held_by"] == "unconfirmed"}
    return frozenset(looks | events)


def _read_again(
    connection: duckdb.DuckDBPyConnection,
    article: int,
    library: Library,
    fresh: Sequence[ReadAgain],
) -> dict[int, list[Reading]]:
    """Return the later readings of pages, by the look whose page was read, oldest first."""
    found: dict[int, list[Reading]] = {}
    for row in readings.of_article(connection, article):
        number = row["document_id"]
        document = library[number] if number is not None else None
        ending = (Outcome(row["outcome"]), row["detail"], row["reason"])
        found.setdefault(row["fact_id"], []).append(
            Reading(row["extractor"], *ending, number, document)
        )
    for one in fresh:
        number = documents.document_id(one.says) if one.says else None
        ending = (one.outcome, one.detail, one.reason)
        found.setdefault(one.fact_id, []).append(
            Reading(one.document.extractor, *ending, number, one.says)
        )
    return found


class _Readings:
    """Who reads what: each look's own reading, later ones of its page, and of pages that said it.

    A look whose page is not kept, since it said what was known, is taken to say what that says.
    """

    def __init__(self, rows: Sequence[dict[str, Any]], again: Mapping[int, list[Reading]]) -> None:
        self._of_page: dict[str, list[Reading]] = {}
        for row in rows:
            if row["body_digest"]:
                self._of_page.setdefault(row["body_digest"], []).extend(
                    again.get(row["fact_id"], ())
                )
        self._of_document: dict[int, tuple[Reading, ...]] = {}

    def of(self, row: dict[str, Any], own: Reading | None) -> tuple[Reading, ...]:
        later = tuple(self._of_page.get(row["body_digest"] or "", ()))
        if own is None:
            return later
        if own.number is None:
            return (own, *later)
        if later:
            self._of_document[own.number] = later
        return (own, *(later or self._of_document.get(own.number, ())))


def _own(
    connection: duckdb.DuckDBPyConnection,
    article: int,
    library: Library,
    again: Mapping[int, list[Reading]],
) -> list[Fact]:
    """Our checks as they were recorded; one that found nothing new shows what was shown before."""
    rows = select(
        connection,
        "SELECT *, fetch_id AS fact_id FROM fetches WHERE article_id = ? ORDER BY rowid",
        [article],
    )
    known = _Readings(rows, again)
    facts = []
    shown: int | None = None
    for row in rows:
        outcome = Outcome(row["outcome"])
        stands = outcome is Outcome.UNCHANGED or row["detail"] == MOVED
        number = row["document_id"] or (shown if stands else None)
        if number is not None and outcome in _CURRENT:
            shown = number
        own = _own_reading(row, outcome, number, library)
        facts.append(Fact(row["fetch_id"], Snapshot(_fetch(row, outcome)), known.of(row, own)))
    return facts


def _own_reading(
    row: dict[str, Any], outcome: Outcome, number: int | None, library: Library
) -> Reading | None:
    """Return what a check read when it was made, or found to be as it was before."""
    words = (row["detail"], row["reason"])
    if number is not None and outcome in _SHOWN:
        document = library[number]
        by = row["extractor"] or document.extractor
        if by != document.extractor and row["document_print"] == document_print(document):
            document = replace(document, extractor=by)  # another reader found the same in it
        return Reading(document.extractor, Outcome.READ, *words, number, document)
    return Reading(row["extractor"], outcome, *words) if row["extractor"] else None


def _fetch(row: dict[str, Any], outcome: Outcome) -> Fetch:
    return Fetch(
        article_id=row["article_id"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        why=Why(row["why"]),
        outcome=outcome,
        detail=row["detail"],
        reason=row["reason"],
        status=row["status"],
        final_address=row["final_address"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_digest=row["body_digest"],
        moved_to=row["moved_to"],
        pages=row["pages"],
    )


def _captured(
    connection: duckdb.DuckDBPyConnection,
    article: int,
    library: Library,
    again: Mapping[int, list[Reading]],
) -> Iterator[Fact]:
    """What archives saw: only what was an article, since their robots' troubles are not ours."""
    rows = select(
        connection,
        """SELECT *, capture_id AS fact_id FROM captures
           WHERE article_id = ? AND document_id IS NOT NULL AND outcome = ?
           ORDER BY captured_at, capture_id""",
        [article, Outcome.READ.value],
    )
    known = _Readings(rows, again)
    for row in rows:
        words = (row["detail"], row["reason"])
        fetch = Fetch(
            article_id=article,
            started_at=row["captured_at"],
            finished_at=row["captured_at"],
            why=Why.MANUAL,
            outcome=Outcome.READ,
            detail=row["detail"],
            reason=row["reason"],
            status=row["status"],
        )
        document = library[row["document_id"]]
        own = Reading(row["extractor"], Outcome.READ, *words, row["document_id"], document)
        yield Fact(row["capture_id"], Snapshot(fetch), known.of(row, own), row["archive"])


# --------------------------------------------------------------------------
# Findings


def _summary(connection: duckdb.DuckDBPyConnection, article: int) -> State | None:
    rows = select(
        connection,
        """SELECT a.article_id, s.* EXCLUDE (article_id), a.address FROM articles a
           LEFT JOIN article_states s USING (article_id) WHERE a.article_id = ?""",
        [article],
    )
    return rows[0] if rows else None


def _blank(row: State) -> dict[str, Any]:
    """The summary of an article of which nothing was seen yet; its first body stays the base."""
    counts = (
        "versions", "checks", "unchanged_streak", "failures_streak", "gone_streak", "hidden_streak",
        "confirms",
    )  # fmt: skip
    kept = {"article_id", "address", "first_body"}
    empty = {name: None for name in row if name not in kept}
    return empty | dict.fromkeys(counts, 0) | {"removed": False}


def _make(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    case: Case,
    steps: Sequence[Step],
    library: Library,
) -> Repeats:
    """Gather the rows of all findings."""
    texts = {step.version: step.seen.document for step in steps if step.version}

    def kept(article: int, number: int) -> Document:
        here = texts.get(number) if article == case.article else None
        if here is not None:
            return here
        wanted = _document_of(connection, article, number)
        _fetch_documents(connection, library, [wanted])
        return library[wanted]

    repeats = Repeats(connection, rows, kept, [(step.seen, step.verdict) for step in steps])
    for step in steps:
        _keep(rows, repeats, host_of(case.address), step)
    return repeats


def _document_of(connection: duckdb.DuckDBPyConnection, article: int, number: int) -> int:
    row = connection.execute(
        "SELECT document_id FROM versions WHERE article_id = ? AND number = ?", [article, number]
    ).fetchone()
    assert row is not None
    return int(row[0])


def _keep(rows: Rows, repeats: Repeats, host: str, step: Step) -> None:
    seen, verdict = step.seen, step.verdict
    if step.version is not None and seen.document is not None:
        keep_version(
            rows,
            seen,
            seen.document,
            repeats.judged(host, seen, verdict, step.version),
            number=step.version,
            document_id=rows.say(seen.document),
            reading=document_print(seen.document),
            fetch_id=step.fact.number,
            checked_before_at=step.checked_before_at,
            checked_before_by=step.checked_before_by,
            captured_by=step.fact.archive,
        )
    if verdict.event is not None and step.between is not None:
        keep_event(rows, seen.fetch, verdict.event, step.fact.number, step.between)


def _write(
    connection: duckdb.DuckDBPyConnection,
    case: Case,
    made: Rows,
    steps: Sequence[Step],
    after: State,
) -> None:
    """Put the findings in the place of those before, and let alerts point at what they told."""
    article = case.article
    for table in (*_FINDINGS, "unjudged"):
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", [article])  # noqa: S608
    made.write(connection)
    after["first_body"] = after["first_body"] or _first_body(connection, article)
    summary = {name: value for name, value in after.items() if name != "address"}
    insert(connection, "article_states", [to_row(summary.values())], replace=True)
    _renumber_alerts(connection, case, steps)


def _first_body(connection: duckdb.DuckDBPyConnection, article: int) -> str | None:
    """Return the captured page that the article's other ones were packed against."""
    row = connection.execute(
        """SELECT c.body_digest FROM captures c JOIN bodies b ON b.digest = c.body_digest
           WHERE c.article_id = ? AND b.base_digest IS NULL ORDER BY b.kept_at LIMIT 1""",
        [article],
    ).fetchone()
    return row[0] if row else None


def _named(connection: duckdb.DuckDBPyConnection, made: Rows) -> dict[str, list[dict[str, Any]]]:
    """Return gathered rows with their columns' names.

    An empty answer has the names too; asking the catalogue took 20 ms an article.
    """
    found = {}
    for table in TOLD_OF:
        columns = connection.execute(f"FROM {table} LIMIT 0").description
        names = [name for name, *_ in columns]
        found[table] = [dict(zip(names, row, strict=True)) for row in made.tables.get(table, ())]
    return found


# --------------------------------------------------------------------------
# What points at versions


def _renumber_alerts(
    connection: duckdb.DuckDBPyConnection, case: Case, steps: Sequence[Step]
) -> None:
    """Let an alert's version and link point at what they pointed at; its words stay."""
    stood = {step.fact.number: step.stands for step in steps}
    numbers = {row["number"]: stood.get(row["fetch_id"]) for row in case.findings["versions"]}
    renumbered = {old: new for old, new in numbers.items() if new is not None and new != old}
    if not renumbered:
        return
    rows = select(connection, "SELECT * FROM alerts WHERE article_id = ?", [case.article])
    fresh = [row | _pointing(row, renumbered) for row in rows]
    insert(connection, "alerts", [to_row(row.values()) for row in fresh], replace=True)


def _pointing(row: dict[str, Any], renumbered: dict[int, int]) -> dict[str, Any]:
    def anew(found: re.Match[str]) -> str:
        return f"{found[1]}={renumbered.get(int(found[2]), int(found[2]))}"

    link = _VERSIONS.sub(anew, row["link"])
    return {"version": renumbered.get(row["version"], row["version"]), "link": link}
