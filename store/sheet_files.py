"""Spreadsheets that people hand in, as rows of plain text: CSV and XLSX, whatever is in them.

A sheet comes from anywhere: its size is bounded before it is unpacked, no formula is evaluated,
no entity resolved, no link followed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from store.errors import SheetError

MOST_BYTES = 20 * 2**20
"""Of the file: a sheet of 20,000 tasks has about 10 MB as CSV."""
MOST_UNPACKED = 100 * 2**20
"""Of a workbook, all parts together: office programs pack theirs to a fifth or a twentieth."""
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CHARACTERS = 100_000
"""Of a cell: an open quotation mark takes all that follows for one. Excel takes 32,767."""
SUFFIXES = (".csv", ".tsv", ".xlsx")
_STRANGE = re.compile(rb"<!DOCTYPE|<!ENTITY|\A(?:\xff\xfe|\xfe\xff)")
FORMULA = "\x00formula"
"""Stands for a cell that holds a formula: what it shows is not in the file to be trusted."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row under the heading: its number as spreadsheets count, its cells by their columns."""

    number: int
    cells: dict[str, str]


def rows(file: Path, heading: str) -> list[SheetRow]:
    """Return the rows of a sheet. ``heading`` is a column that it must have.

    Raises SheetError where the file is too large, is no sheet, or lacks that column.
    """
    if file.stat().st_size > MOST_BYTES:
        raise SheetError(f"{file} is larger than {MOST_BYTES / 1e6:.0f} MB; hand in parts of it.")
    table = _xlsx(file) if file.suffix.lower() == ".xlsx" else _csv(file, heading)
    return list(_named(file, table, heading))


def _named(file: Path, table: Iterable[Sequence[str]], heading: str) -> Iterator[SheetRow]:
    names: list[str] = []
    for number, cells in enumerate(table, 1):
        if number > MOST_ROWS:
            raise SheetError(f"{file} has more than {MOST_ROWS:,} rows; hand in parts of it.")
        if not names:
            names = _headings(file, cells, heading)
        elif any(cells):
            yield SheetRow(number, dict(zip(names, cells, strict=False)))
    if not names:
        raise SheetError(
            f"{file} is empty; hand in a sheet of 'storylapse export --format tasks-csv'."
        )


def _headings(file: Path, cells: Sequence[str], heading: str) -> list[str]:
    names = [cell.strip().casefold() for cell in cells]
    if heading not in names:
        raise SheetError(
            f"{file} has no column '{heading}' in its first row; hand in a sheet of 'storylapse "
            "export --format tasks-csv' with all its columns."
        )
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise SheetError(f"{file} has the column '{min(twice)}' twice; remove one of them.")
    return names


# --------------------------------------------------------------------------
# CSV


def _csv(file: Path, heading: str) -> Iterator[list[str]]:
    text = _decoded(file.read_bytes())
    first = text.partition("\n")[0].casefold()
    # Spreadsheets part cells by what their country's settings say.
    parted = [
        mark for mark in ",;\t" if heading in (cell.strip(' "\r') for cell in first.split(mark))
    ]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parted[0] if parted else ",")
    try:
        for cells in reader:
            if any(len(cell) > MOST_CHARACTERS for cell in cells):
                raise csv.Error(f"line {reader.line_num} ends a cell that goes on and on")  # noqa: TRY301
            yield cells
    except csv.Error as error:
        raise SheetError(f"{file} is no CSV: {error}. Save it anew as CSV in UTF-8.") from None


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:  # what older spreadsheets write
        return data.decode("cp1252", "replace")


# --------------------------------------------------------------------------
# XLSX


def _xlsx(file: Path) -> Iterator[list[str]]:
    try:
        _check_parts(file)
        book = load_workbook(file, read_only=True, keep_links=False)
        try:
            for row in book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 1):
                yield [_text(cell) for cell in row]
        finally:
            book.close()
    except SheetError:
        raise
    except Exception as error:  # noqa: BLE001  (a broken workbook raises anything at all)
        raise SheetError(
            f"{file} cannot be read as a workbook ({type(error).__name__}: {error}). Save it anew "
            "as XLSX, or as CSV."
        ) from None


def _check_parts(file: Path) -> None:
    """Raise SheetError for what would unpack without end, and for XML that defines entities."""
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise SheetError(
                f"{file} unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB; hand in parts of it."
            )
        for part in parts.infolist():
            head = parts.read(part)
            if (
                b"<!DOCTYPE" in head
                or b"<!ENTITY" in head
                or head[:2] in (b"\xff\xfe", b"\xfe\xff")
            ):
                raise SheetError(f"{file} holds XML that no spreadsheet writes; save it anew.")


def _text(cell: Any) -> str:
    if cell.data_type in ("f", "e"):
        return FORMULA
    return "" if cell.value is None else str(cell.value)
