"""Parquet by DuckDB's own COPY: real types, nothing lost, times with their zone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from store.archive import Archive
from store.export.dictionary import CHANGES
from store.export.scratch import copied, pieces, scratch
from store.export.tables import Table
from store.selection import Selection

MOST_AT_ONCE = 50_000
"""Rows copied out of the archive itself, in about half a second (540,000 changes took 8 s);
more come out of a copy of it, so that nobody waits."""
_LIMIT_SECONDS = 3600.0  # on a copy nobody waits for


def write(archive: Archive, selection: Selection) -> Iterator[bytes]:
    """Yield a Parquet file of the changes: the columns of the data dictionary, typed."""
    with scratch(archive) as folder:
        few = _count(archive, CHANGES, selection) <= MOST_AT_ONCE
        source = archive if few else copied(archive, folder)
        copy(source, CHANGES, selection, folder / "changes.parquet")
        yield from pieces(folder / "changes.parquet")


def copy(archive: Archive, table: Table, selection: Selection, file: Path) -> None:
    """Write the selected rows of a table to ``file``."""
    sql, values = table.select(selection)
    times = [one.name for one in table.columns if one.type == "datetime"]
    zoned = ", ".join(f"{name}::TIMESTAMPTZ AS {name}" for name in times)
    quoted = str(file).replace("'", "''")
    with archive.reading(_LIMIT_SECONDS) as connection:
        copying = f"COPY (SELECT * REPLACE ({zoned}) FROM ({sql})) TO '{quoted}' ({_how(table)})"  # noqa: S608
        connection.execute(copying, values)


def _count(archive: Archive, table: Table, selection: Selection) -> int:
    sql, values = table.select(selection)
    return int(archive.query(f"SELECT count(*) AS rows FROM ({sql})", values)[0]["rows"])  # noqa: S608


def _how(table: Table) -> str:
    """How the file is written: small, and with the meaning of its columns inside."""
    meanings = {one.name: one.meaning for one in table.columns}
    told = json.dumps(meanings, ensure_ascii=False).replace("'", "''")
    return f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{storylapse_dictionary: '{told}'}}"
