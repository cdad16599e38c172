"""Task sheets that people hand in with ``import``."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from dashboard import printing
from dashboard.options import PARTIAL, Chosen, UsageError


def all_sheets(files: Sequence[Path]) -> bool:
    """Whether these files are task sheets. Raises UsageError where only some are."""
    from store.sheet_files import SUFFIXES  # noqa: PLC0415  (openpyxl)

    sheets = [file for file in files if file.suffix.lower() in SUFFIXES]
    if sheets and len(sheets) < len(files):
        raise UsageError("Hand in task sheets and web archive files one after the other.")
    return bool(sheets)


def take_in(chosen: Chosen, files: Sequence[Path], by: str | None) -> None:
    """Keep what people filled in; tell of each row that was left out.

    Ends with exit code 3 where rows were left out. Raises SheetError.
    """
    from store.sheets import take_in as taken_in  # noqa: PLC0415

    _, archive = chosen.open()
    left_out = False
    for file in files:
        taken = taken_in(archive, file, by or getpass.getuser(), datetime.now(UTC))
        for problem in taken.problems:
            printing.say(f"{file}: {problem}")
        printing.say(f"{file}: {taken.rows} rows read, {taken.kept} kept as new marks.")
        left_out = left_out or bool(taken.problems)
    if left_out:
        raise typer.Exit(PARTIAL)
