"""Task sheets that come back: what people changed in them, as acts.

A cell counts where it differs from what the sheet said when it was exported; ``reviewed_at``
tells which acts it knew. So a sheet that comes back late undoes nobody's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from store.archive import Archive
from store.export.tabular import own_text
from store.export.tasks import task_name
from store.model import EventKind
from store.reviews import (
    LONGEST,
    MARKS,
    STATUSES,
    TRANSITION,
    Finding,
    Marks,
    Review,
    standing_at,
)
from store.sheet_files import FORMULA, SheetRow, rows
from store.text import clean

_TASK = re.compile(
    rf"([0-9a-f]{{1,16}})/([0-9T:.-]+Z)/({'|'.join([TRANSITION, *map(str, EventKind)])})"
)
_WORDS = {"mark": MARKS, "status": STATUSES}
_TEXTS = ("assignee", "note")
_KNOWN = """
    SELECT n AS number, coalesce(l.article_id, n) AS article_id, q.seen_first_at,
           CASE WHEN q.old_version = q.new_version THEN q.kind ELSE ? END AS what
    FROM (SELECT unnest(?::UBIGINT[]) AS n)
    LEFT JOIN aliases l ON l.alias_id = n
    JOIN queue q ON q.article_id = coalesce(l.article_id, n)"""
_AT_ONCE = 500  # acts of one transaction: a tenth of a second


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a sheet: rows read, acts kept, and one sentence for each row left out."""

    rows: int
    kept: int
    problems: tuple[str, ...]


class _Problem(ValueError):
    """What is wrong with one row."""


def take_in(archive: Archive, file: Path, by: str, now: datetime) -> Taken:
    """Keep what people filled in; ``by`` is who did where the sheet does not say.

    Raises SheetError for what is no task sheet; a row that cannot be used is left out and told of.
    """
    sheet = rows(file, "task")
    findings = _findings(archive, sheet)
    acts = archive.reviews({finding.article_id for finding in findings.values()})
    made, problems = [], []
    rows_of: dict[Finding, int] = {}
    for row in sheet:
        try:
            finding = _finding(row, findings, rows_of)
            review = _review(row, finding, acts.get(finding, ()), by)
        except _Problem as problem:
            problems.append(f"Row {row.number} was left out: {problem}.")
        else:
            made += [replace(review, acted_at=now, came_by=file.name)] if review else []
    kept = sum(
        archive.record_reviews(made[start : start + _AT_ONCE])
        for start in range(0, len(made), _AT_ONCE)
    )
    return Taken(len(sheet), kept, tuple(problems))


def _findings(archive: Archive, sheet: Sequence[SheetRow]) -> dict[str, Finding]:
    """Return the findings of the articles that the sheet names, by the names of their tasks."""
    matches = (_TASK.fullmatch(row.cells["task"].strip()) for row in sheet)
    numbers = sorted({int(match[1], 16) for match in matches if match})
    return {
        task_name(f"{row['number']:x}", row["seen_first_at"], row["what"]): Finding(
            row["article_id"], row["seen_first_at"], row["what"]
        )
        for row in archive.query(_KNOWN, [TRANSITION, numbers])
    }


def _finding(
    row: SheetRow, findings: Mapping[str, Finding], rows_of: dict[Finding, int]
) -> Finding:
    """Return what a row is about; ``rows_of`` gathers the findings named so far."""
    name = row.cells["task"].strip()
    match = _TASK.fullmatch(name)
    if match is None:
        raise _Problem("its cell 'task' is not as it was exported")
    article = f"{int(match[1], 16):x}"
    finding = findings.get(task_name(article, _moment(match[2]), match[3]))
    if finding is None:
        raise _Problem(f"this archive has no task {name}")
    if finding in rows_of:
        raise _Problem(f"it names the same task as row {rows_of[finding]}")
    rows_of[finding] = row.number
    return finding


def _review(row: SheetRow, finding: Finding, acts: Sequence[Review], by: str) -> Review | None:
    """Return the marks that a row makes, or None where nobody changed a cell."""
    told = row.cells.get("reviewed_at", "").strip()
    base = standing_at(acts, _moment(told) if told else None) or _nobody(finding)
    changed = dict(_changed(row, base.marks))
    if not changed:
        return None
    reviewer = _cell(row, "reviewer")
    signed = _fitting("reviewer", reviewer if reviewer not in ("", base.reviewer) else by)
    current = acts[-1] if acts else base
    return replace(base, marks=replace(current.marks, **changed), reviewer=signed)


def _nobody(finding: Finding) -> Review:
    return Review(finding, Marks(), "", datetime.min.replace(tzinfo=UTC), "")


def _changed(row: SheetRow, base: Marks) -> Iterable[tuple[str, str | None]]:
    for name in (*_WORDS, *_TEXTS):
        if name not in row.cells:
            continue
        value = _word(row, name) if name in _WORDS else _fitting(name, _cell(row, name))
        if value != (getattr(base, name) or ""):
            yield name, value or None


def _word(row: SheetRow, name: str) -> str:
    word = re.sub(r"[\s-]+", "_", _cell(row, name).casefold())
    if word and word not in _WORDS[name]:
        raise _Problem(f"'{word[:40]}' is no {name}; write {', '.join(_WORDS[name])}")
    return word


def _cell(row: SheetRow, name: str) -> str:
    text = row.cells.get(name, "")
    if text == FORMULA:
        raise _Problem(f"its cell '{name}' holds a formula; write what you mean")
    return clean(own_text(text)).strip()


def _fitting(name: str, text: str) -> str:
    if len(text) > LONGEST[name]:
        raise _Problem(f"its {name} has {len(text)} characters; {LONGEST[name]} are kept")
    return text


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _Problem("its cell 'reviewed_at' or 'task' is not as it was exported")
    return moment
