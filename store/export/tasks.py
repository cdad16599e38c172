"""The task sheet: what changed, what matters most first, with room for what people say of it.

People fill in mark, status, assignee, note and reviewer; ``store.sheets`` reads them back. A row
is named by ``task``; ``reviewed_at`` says which acts the sheet knew, so that a sheet that comes
back late undoes nobody's work.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from store.alerts import article_link
from store.archive import Archive
from store.errors import ExportError
from store.export.tabular import line, safe_cell
from store.message import interval, rfc3339
from store.reviews import MARKS, STATUSES, TRANSITION
from store.selection import Selection, condition
from store.text import clean

MOST = 20_000
"""Rows of a sheet: more than people work through, and less than spreadsheets choke on."""
FILLED_IN = ("mark", "status", "assignee", "note", "reviewer")
COLUMNS: dict[str, tuple[str, int]] = {
    # Meaning, and width in characters where a sheet has widths.
    "rank": ("Its place, what matters most first.", 6),
    "significance": ("From 0 to 1: how much it matters.", 12),
    "outlet": ("The publisher.", 22),
    "headline": ("The headline after the change.", 44),
    "kind": ("What happened, by what matters most in it.", 22),
    "reason": ("The same in one sentence of Storylapse.", 60),
    "when": ("Between which two checks it happened.", 36),
    "link": ("The comparison on the dashboard.", 30),
    "address": ("The article.", 30),
    "mark": (f"For you: {', '.join(MARKS)}.", 12),
    "status": (f"For you: {', '.join(STATUSES)}.", 12),
    "assignee": ("For you: who sees to it.", 16),
    "note": ("For you: what there is to say.", 40),
    "reviewer": ("For you: your name.", 16),
    "task": ("Names the row; leave it as it is.", 12),
    "reviewed_at": ("The last act that the sheet knew; leave it as it is.", 12),
}
_LONGEST_CELL = 32_000  # characters; Excel takes 32,767
_TASKS = """
    SELECT q.*, r.mark, r.status, r.assignee, r.note, r.reviewer, r.acted_at
    FROM (SELECT *, CASE WHEN old_version = new_version THEN kind ELSE '{transition}' END AS what
          FROM queue WHERE {condition}) q
    LEFT JOIN reviewed r ON r.article_id = q.article_id AND r.seen_first_at = q.seen_first_at
        AND r.what = q.what AND r.passage IS NULL
    ORDER BY q.significance DESC, q.seen_first_at DESC, q.article_id, q.new_version, q.kind
    LIMIT {most}"""


def write_csv(archive: Archive, selection: Selection, link_base: str = "") -> Iterator[bytes]:
    """Yield the sheet as CSV, safe against formulas, marked as UTF-8 for Excel."""
    yield "\ufeff".encode()
    yield line(COLUMNS)
    for cells in _cells(archive, selection, link_base):
        yield line(safe_cell(cell) for cell in cells)


def write_xlsx(archive: Archive, selection: Selection, link_base: str = "") -> Iterator[bytes]:
    """Yield the sheet as a workbook: texts only, lists of words to choose from, no formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Tasks")
    for place, (_, width) in enumerate(COLUMNS.values(), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    for name, words in (("mark", MARKS), ("status", STATUSES)):
        letter = get_column_letter(list(COLUMNS).index(name) + 1)
        choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
        choice.add(f"{letter}2:{letter}{MOST + 1}")
        sheet.data_validations.append(choice)
    sheet.append([_cell(sheet, name, Font(bold=True)) for name in COLUMNS])
    for cells in _cells(archive, selection, link_base):
        sheet.append([_cell(sheet, cell) for cell in cells])
    made = io.BytesIO()
    book.save(made)
    yield made.getvalue()


def task_name(article: str, seen_first_at: datetime, what: str) -> str:
    """Return what names a row: the article (hex), the check that showed it, what happened."""
    return f"{article}/{rfc3339(seen_first_at)}/{what}"


def _cells(archive: Archive, selection: Selection, link_base: str) -> Iterator[list[str]]:
    where, values = condition(selection, "list_value(kind) || kinds")
    sql = _TASKS.format(condition=where, transition=TRANSITION, most=MOST + 1)
    rows = archive.query(sql, values)
    if len(rows) > MOST:
        raise ExportError(
            f"That is more than {MOST:,} tasks. Ask for less, for example with --since 7d."
        )
    for rank, row in enumerate(rows, 1):
        told = _told(row, link_base) | {"rank": str(rank)}
        yield [clean(told[name])[:_LONGEST_CELL] for name in COLUMNS]


def _told(row: dict[str, Any], link_base: str) -> dict[str, str]:
    compared = row["what"] == TRANSITION
    link = article_link(link_base, row["article_id"], row["seen_first_at"] if compared else None)
    between = (row["checked_before_at"], row["seen_first_at"])
    return {
        name: row[name] or "" for name in (*FILLED_IN, "outlet", "headline", "kind", "reason")
    } | {
        "significance": f"{row['significance']:.2f}",
        "when": interval(*between, row["checked_before_by"], row["captured_by"]),
        "link": link,
        "address": row["address"],
        "task": task_name(row["article"], row["seen_first_at"], row["what"]),
        "reviewed_at": rfc3339(row["acted_at"]) if row["acted_at"] else "",
    }


def _cell(sheet: Any, text: str, font: Font | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # text, whatever it begins with
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if font:
        cell.font = font
    return cell
