"""CSV for spreadsheets (RFC 4180, UTF-8): what could be taken for a formula is made plain text.

It loses one thing: a cell with an apostrophe in front (see ``safe_cell``) differs from its text
by that sign. JSON Lines has every text as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

from store.archive import Archive
from store.export.records import COLUMNS, records
from store.selection import Selection

# OWASP "CSV Injection": = + - @ tab and line ends begin a formula in spreadsheets, also in
# their full-width forms and behind blanks, which some programs drop.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def write(archive: Archive, selection: Selection) -> Iterator[bytes]:
    """Yield a heading and one row for each record; None is an empty cell, facts are JSON."""
    yield _line(list(COLUMNS))
    for record in records(archive, selection):
        record["facts"] = json.dumps(record["facts"], ensure_ascii=False)
        yield _line([_cell(value) for value in record.values()])


def safe_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: object) -> str:
    if value is None:
        return ""
    return safe_cell(value) if isinstance(value, str) else str(value)


def _line(cells: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()
