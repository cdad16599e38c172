"""What a forgotten article may still be in: files beside the archive that no forgetting reaches.

Copies of killed work go. A log that was set aside, an archive that was moved aside and a backup in
the same folder are a person's to remove, so each that holds the article is named. What left for
elsewhere nobody here knows of.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from store import wal
from store.archive import Archive
from store.errors import ArchiveError
from store.export.scratch import sweep
from store.session import Sessions
from store.turnstile import lock_files

_MAGIC = (8, b"DUCK")  # where a DuckDB file says what it is


def left_behind(archive: Archive, forgotten_at: datetime) -> list[str]:
    """Remove what killed exports left; say what to do with each file that may hold what is gone.

    Meant are the articles that were forgotten at that moment.
    """
    said = [
        f"{log}, a damaged log that was set aside, may hold it: remove it unless you need it."
        for log in wal.unreadable(archive.path)
    ]
    if sweep(archive.path):
        said.append("An export is under way that was begun before: what it makes may hold it.")
    rows = archive.query(
        "SELECT article_id FROM forgotten_list WHERE forgotten_at = ?", [forgotten_at]
    )
    numbers = [row["article_id"] for row in rows]
    return [*said, *(one for file in _databases(archive.path) for one in _held(file, numbers))]


def _databases(archive: Path) -> Iterator[Path]:
    """Yield the other DuckDB files in the archive's folder and in those within it."""
    for pattern in ("*", "*/*"):
        for file in sorted(archive.parent.glob(pattern)):
            ours = file.parent.name.startswith(f"{archive.name}.export-")  # goes with its export
            if not ours and file.is_file() and not file.samefile(archive) and _is_database(file):
                yield file


def _is_database(file: Path) -> bool:
    place, magic = _MAGIC
    try:
        with file.open("rb") as opened:
            return opened.read(place + len(magic))[place:] == magic
    except OSError:
        return False


def _held(file: Path, numbers: Collection[int]) -> Iterator[str]:
    """Yield what is to be said of a DuckDB file, if anything."""
    ours = [lock for lock in lock_files(file) if not lock.exists()]
    try:
        found = _found(file, numbers)
    except ArchiveError as error:
        yield f"{file} may hold it, and cannot be looked into: {error}"
        return
    finally:
        for lock in ours:
            lock.unlink(missing_ok=True)
    if found:
        words = " ".join(
            f"storylapse --archive {shlex.quote(str(file))} forget {one:x}" for one in found
        )
        yield f"{file} holds it too: remove that file, or run '{words}'."


def _found(file: Path, numbers: Collection[int]) -> list[int]:
    with Sessions(file, wait_seconds=1).reading() as connection:
        try:
            rows = connection.execute(
                "SELECT article_id FROM articles WHERE article_id IN (SELECT unnest(?::UBIGINT[]))",
                [list(numbers)],
            ).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return []  # another program's
    return [number for (number,) in rows]
