"""CSV for spreadsheets (RFC 4180, UTF-8): what could be taken for a formula is made plain text.

It loses one thing: a cell with an apostrophe in front (see ``safe_cell``) differs from its text
by that sign; ``own_text`` takes it away again. JSON Lines has every text as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator

from store.archive import Archive
from store.export.dictionary import CHANGES
from store.export.tables import Table, records
from store.selection import Selection

# OWASP "CSV Injection": = + - @ tab and line ends begin a formula in spreadsheets, also in
# their full-width forms and behind blanks, which some programs drop.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def write(archive: Archive, selection: Selection) -> Iterator[bytes]:
    """Yield a heading and one row for each change; None is an empty cell, lists are JSON."""
    return lines(archive, CHANGES, selection)


def lines(archive: Archive, table: Table, selection: Selection) -> Iterator[bytes]:
    """Yield the rows of any table, a heading first."""
    yield line(column.name for column in table.columns)
    for record in records(archive, table, selection):
        yield line(_cell(value) for value in record.values())


def line(cells: Iterable[str]) -> bytes:
    """Return one row."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\r\n").writerow(cells)
    return row.getvalue().encode()


def safe_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def own_text(cell: str) -> str:
    """Take away the apostrophe that ``safe_cell`` put there."""
    return cell[1:] if cell.startswith("'") and safe_cell(cell[1:]) == cell else cell


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return safe_cell(value)
        case bool():
            return str(value).lower()
        case list():
            return json.dumps(value, ensure_ascii=False)
    return str(value)
