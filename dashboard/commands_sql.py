"""The command sql: questions in SQL to the archive's views, read-only and without a way out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.options import Chosen, JsonOption, UsageError

if TYPE_CHECKING:
    from store.archive import Archive

MOST_ROWS = 100_000
"""Rows of one answer at most: it is read whole before the first is shown, so that no slow reader
keeps the archive from being written."""

_VIEWS = """
    SELECT view_name AS "view", comment AS meaning,
           (SELECT string_agg(column_name, ', ' ORDER BY column_index) FROM duckdb_columns() c
            WHERE c.table_oid = v.view_oid AND c.database_oid = v.database_oid) AS columns
    FROM duckdb_views() v WHERE NOT internal AND comment IS NOT NULL ORDER BY 1
"""


def sql(
    chosen: Chosen,
    question: Annotated[
        str | None,
        typer.Argument(metavar="SQL", help="- reads it from stdin; without it, the views."),
    ] = None,
    *,
    seconds: Annotated[
        float, typer.Option(metavar="N", min=0.1, help="Stop a question that takes longer.")
    ] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Ask the archive in SQL (DuckDB's): read-only, and without files, network or settings.

    The views are a contract, the tables beneath them are not; without a question they are listed.
    Times are UTC.
    """
    _, archive = chosen.open()
    asked = _VIEWS if question is None else sys.stdin.read() if question == "-" else question
    names, rows = _answered(archive, asked, seconds)
    if as_json:
        for row in rows[:MOST_ROWS]:
            printing.json_line(dict(zip(names, row, strict=True)))
    else:
        printing.table(names, rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        printing.say(
            f"These are the first {MOST_ROWS:,} rows; for more, `storylapse export duckdb` makes a "
            "copy to work on."
        )


def _answered(
    archive: Archive, asked: str, seconds: float
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns and the rows of the last statement. Raises UsageError."""
    import duckdb  # noqa: PLC0415  (0.1 s)

    try:
        return archive.answer(asked, limit_seconds=seconds, most_rows=MOST_ROWS + 1)
    except duckdb.FatalException:
        raise
    except duckdb.Error as error:
        raise UsageError(f"That cannot be asked: {str(error).strip()}") from None
