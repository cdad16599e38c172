"""Numbered forward migrations, each in one transaction; views made again after each."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

import duckdb

from store import meanings
from store.errors import ArchiveDamaged, ArchiveTooNew
from store.session import Sessions


def newest() -> int:
    """Return the number of the newest migration this program knows."""
    return max(_migrations())


def create(sessions: Sessions, now: datetime) -> None:
    """Make the archive file where there is none, at the newest schema."""
    with sessions.creating() as connection:
        if connection is not None:
            connection.execute(
                "CREATE TABLE migrations (number INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)"
            )
            _apply(connection, 0, now)


def bring_up_to_date(sessions: Sessions, now: datetime) -> None:
    """Apply what is missing.

    Raises ArchiveTooNew when a newer program wrote the archive, ArchiveDamaged when the file
    holds something else.
    """
    with sessions.reading() as connection:
        present = _present(connection, str(sessions.path))
    if present > newest():
        raise ArchiveTooNew(
            f"{sessions.path} has schema {present}, and this Storylapse knows {newest()}. "
            "Update Storylapse; the archive was not touched."
        )
    if present < newest():
        with sessions.writing() as connection:
            _apply(connection, _present(connection, str(sessions.path)), now)


def _present(connection: duckdb.DuckDBPyConnection, place: str) -> int:
    try:
        row = connection.execute("SELECT max(number) FROM migrations").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        row = None
    if row is None or row[0] is None:
        raise ArchiveDamaged(
            f"{place} is a DuckDB file, but no Storylapse archive. Choose another with --archive."
        )
    return int(row[0])


def _apply(connection: duckdb.DuckDBPyConnection, present: int, now: datetime) -> None:
    for number, script in sorted(_migrations().items()):
        if number > present:
            connection.execute(script)
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?)", [number, now.replace(tzinfo=None)]
            )
    connection.execute(_read("views.sql"))
    meanings.comment(connection)


def _migrations() -> dict[int, str]:
    folder = resources.files("store") / "schema"
    names = [entry.name for entry in folder.iterdir() if entry.name[:4].isdigit()]
    return {int(name[:4]): _read(name) for name in names}


def _read(name: str) -> str:
    return (resources.files("store") / "schema" / name).read_text("utf-8")
