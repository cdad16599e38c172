"""People's marks on findings: acts, appended and never changed, the last of a finding holds.

A finding is named by what outlives a recompare and a history that is filled in later: the
article, the check that first showed it, what happened, and the passage where one change of
several is meant. Task sheets and the dashboard write the same acts.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import duckdb

from store.rows import insert, number_of, select, to_column

MARKS = ("right", "wrong", "important")
STATUSES = ("open", "in_work", "done", "set_aside")
TRANSITION = "change"
"""What a finding is where two versions differ; an event's is its kind."""
LONGEST = {"note": 4000, "assignee": 200, "reviewer": 200, "came_by": 200}
"""Characters: a page of writing, a name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is marked. ``passage`` (see ``passage_of``) names one change; None is all of it."""

    article_id: int
    seen_first_at: datetime
    what: str = TRANSITION
    passage: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What people say of a finding; None where they said nothing."""

    mark: str | None = None
    status: str | None = None
    assignee: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One act: the marks that hold after it, who made it, when, and how it came in."""

    finding: Finding
    marks: Marks
    reviewer: str
    acted_at: datetime
    came_by: str


def passage_of(old: str | None, new: str | None) -> str:
    """Return the name of one change among those of a version: SHA-256 of its two texts."""
    return hashlib.sha256(f"{old or ''}\x1f{new or ''}".encode()).hexdigest()


def keep(connection: duckdb.DuckDBPyConnection, reviews: Sequence[Review]) -> int:
    """Append the acts that say something new; return how many.

    Raises ValueError for a mark or status that does not exist, and for a text that is too long.
    An act comes after the last of its finding, also where the clock was set back.
    """
    for review in reviews:
        _check(review)
    acts = acts_on(connection, {review.finding.article_id for review in reviews})
    rows = []
    for review in reviews:
        before = acts.setdefault(review.finding, [])
        if review.marks == (before[-1].marks if before else Marks()):
            continue
        before.append(_after(review, before))
        rows.append(_row(before[-1]))
    insert(connection, "reviews", rows)
    return len(rows)


def acts_on(
    connection: duckdb.DuckDBPyConnection, articles: Iterable[int]
) -> dict[Finding, list[Review]]:
    """Return all acts on findings of these articles, oldest first."""
    rows = select(
        connection,
        """FROM review_list WHERE article_id IN (SELECT unnest(?::UBIGINT[]))
           ORDER BY acted_at, review_id""",
        [list(articles)],
    )
    acts: dict[Finding, list[Review]] = defaultdict(list)
    for row in rows:
        act = _review(row)
        acts[act.finding].append(act)
    return acts


def standing_at(acts: Iterable[Review], moment: datetime | None) -> Review | None:
    """Return the act that held at a moment; None is before every act."""
    before = [act for act in acts if moment is not None and act.acted_at <= moment]
    return before[-1] if before else None


def _after(review: Review, before: Sequence[Review]) -> Review:
    if not before or before[-1].acted_at < review.acted_at:
        return review
    return replace(review, acted_at=before[-1].acted_at + timedelta(microseconds=1))


def _review(row: dict[str, Any]) -> Review:
    finding = Finding(row["article_id"], row["seen_first_at"], row["what"], row["passage"])
    marks = Marks(row["mark"], row["status"], row["assignee"], row["note"])
    return Review(finding, marks, row["reviewer"], row["acted_at"], row["came_by"])


def _check(review: Review) -> None:
    marks = review.marks
    if marks.mark not in (None, *MARKS):
        raise ValueError(f"'{marks.mark}' is no mark; write {', '.join(MARKS)}.")
    if marks.status not in (None, *STATUSES):
        raise ValueError(f"'{marks.status}' is no status; write {', '.join(STATUSES)}.")
    texts = {
        "note": marks.note,
        "assignee": marks.assignee,
        "reviewer": review.reviewer,
        "came_by": review.came_by,
    }
    for name, text in texts.items():
        if text is not None and len(text) > LONGEST[name]:
            raise ValueError(f"The {name} has {len(text)} characters; {LONGEST[name]} are kept.")


def _row(review: Review) -> tuple[object, ...]:
    finding, marks = review.finding, review.marks
    row = (
        finding.article_id,
        to_column(finding.seen_first_at),
        finding.what,
        finding.passage,
        marks.mark,
        marks.status,
        marks.assignee,
        marks.note,
        review.reviewer,
        to_column(review.acted_at),
        review.came_by,
    )
    return (number_of(*row), *row)
