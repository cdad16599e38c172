"""Change histories leaving the house: two tables of formats, files and folders.

A file is a stream of bytes, for stdout as for a disk; a folder is filled part by part, and goes
on where it was stopped. By default texts leave as short spans around the change, with the digest
of the whole; full text only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from store.archive import Archive
from store.export import database, git, jsonl, package, parquet, tabular
from store.selection import Selection

Write = Callable[[Archive, Selection], Iterator[bytes]]
Fill = Callable[[Archive, Selection, Path], Iterator[tuple[int, int | None]]]


@dataclass(frozen=True, slots=True)
class Export:
    """A format that is one file. ``write(archive, selection)`` yields its bytes in pieces.

    No session of the archive may be open while a piece is handed out: whoever takes it may be slow.
    ``loses`` says in one sentence what does not come back from it.
    """

    name: str
    suffix: str
    media_type: str
    meaning: str
    loses: str
    write: Write


@dataclass(frozen=True, slots=True)
class Folder:
    """A format that is a folder. ``fill(archive, selection, folder)`` makes it, or goes on with it.

    The folder exists, and is empty or was begun by the same format for the same selection (see
    ``folders.begun``). ``fill`` yields (parts done, parts in all, None where unknown) after each
    part. A part takes its name when it is whole, and what is there already is not made again.
    """

    name: str
    meaning: str
    loses: str
    fill: Fill


EXPORTS: dict[str, Export] = {
    "csv": Export(
        "csv",
        ".csv",
        "text/csv; charset=utf-8",
        "A table for spreadsheets, safe against formulas; one row a change.",
        "a text that a spreadsheet would take for a formula gets an apostrophe in front",
        tabular.write,
    ),
    "jsonl": Export(
        "jsonl",
        ".jsonl",
        "application/x-ndjson",
        "JSON Lines for programs; one line a change, nothing altered.",
        "nothing",
        jsonl.write,
    ),
    "parquet": Export(
        "parquet",
        ".parquet",
        "application/vnd.apache.parquet",
        "A table for pandas, R and DuckDB, with types; one row a change.",
        "nothing",
        parquet.write,
    ),
    "duckdb": Export(
        "duckdb",
        ".duckdb",
        "application/vnd.duckdb",
        "An archive of its own, with every table and view, of the articles selected.",
        "what is known of hosts; without full text also sentences, pages and readers' names",
        database.write,
    ),
}

FOLDERS: dict[str, Folder] = {
    "datapackage": Folder(
        "datapackage",
        "Every table as CSV in a folder that describes itself: Frictionless and Croissant.",
        "as CSV; of checks the headers, and the bodies",
        package.fill_csv,
    ),
    "parquet-tables": Folder(
        "parquet-tables",
        "Every table as Parquet in a folder that describes itself.",
        "of checks the headers, and the bodies",
        package.fill_parquet,
    ),
    "git": Folder(
        "git",
        "A Git repository: a file an article, a commit a version; needs the full texts.",
        "links and the kinds of most blocks; checks that found nothing; comments",
        git.fill,
    ),
}

__all__ = ["EXPORTS", "FOLDERS", "Export", "Fill", "Folder", "Selection", "Write"]
