"""Removing articles everywhere: the archive is written anew without them, and the old file goes.

A DELETE would leave the words in the file's free blocks. What stays is a tombstone, the article's
number, so that no feed brings it back. Sentences, pages and comments that another article has too
stay with that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from store import bodies, migrate
from store.rows import to_column
from store.session import Sessions
from store.turnstile import lock_files

_BODIES = " UNION ".join(
    f"SELECT body_digest FROM fresh.{table}"  # noqa: S608  (ours)
    for table in ("fetches", "captures", "pages")
)
# Which rows of a table without article_id stay; all others of them do. In the order in which they
# are filled: each may ask those before it.
_RULES = {
    "watches": "target <> 'article' OR target_id NOT IN (FROM gone)",
    "deliveries": "alert_id IN (SELECT alert_id FROM fresh.alerts)",
    "parcels": "alert_id IN (SELECT alert_id FROM fresh.alerts)",
    "documents": """document_id IN (SELECT document_id FROM fresh.versions
        UNION SELECT document_id FROM fresh.fetches UNION SELECT document_id FROM fresh.captures
        UNION SELECT document_id FROM fresh.readings)""",
    "frames": "frame_id IN (SELECT frame_id FROM fresh.documents)",
    "sentences": "sentence_id IN (SELECT sentence_id FROM fresh.document_sentences)",
    "bodies": f"digest IN ({_BODIES})",
    "search_filters": "false",  # made again; they know words of what is gone
    "search_places": "false",
}


def forget(sessions: Sessions, articles: Sequence[int], acted_at: datetime) -> None:
    """Remove articles, with everything that is theirs alone, from the archive and its file.

    Raises ArchiveBusy, and ArchiveError where the disk has no room for the new file; then nothing
    is changed. Takes about as long as copying the archive, and nobody reads or writes meanwhile.
    """
    with sessions.rewriting() as (connection, place):
        _make(place, acted_at)
        quoted = str(place).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS fresh")
        try:
            _fill(connection, articles, acted_at)
            connection.execute("CHECKPOINT fresh")
        except BaseException:
            place.unlink(missing_ok=True)  # the archive stays as it is
            raise
        finally:
            connection.execute("DROP TABLE IF EXISTS temp.gone")
            connection.execute("DETACH fresh")


def forgotten(connection: duckdb.DuckDBPyConnection, numbers: Iterable[int]) -> set[int]:
    """Return those of the articles that were forgotten."""
    rows = connection.execute(
        "SELECT article_id FROM forgotten WHERE article_id IN (SELECT unnest(?::UBIGINT[]))",
        [list(numbers)],
    ).fetchall()
    return {number for (number,) in rows}


def lift(connection: duckdb.DuckDBPyConnection, numbers: Iterable[int]) -> None:
    """Take away the tombstones of articles that somebody asks for again by their address."""
    connection.execute(
        "DELETE FROM forgotten WHERE article_id IN (SELECT unnest(?::UBIGINT[]))", [list(numbers)]
    )


def _make(place: Path, now: datetime) -> None:
    """Make an empty archive that no other session knows of."""
    migrate.create(Sessions(place), now)
    for lock in lock_files(place):
        lock.unlink(missing_ok=True)


def _fill(
    connection: duckdb.DuckDBPyConnection, articles: Sequence[int], acted_at: datetime
) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE gone AS SELECT unnest(?::UBIGINT[]) AS article_id", [articles]
    )
    connection.execute("BEGIN")
    connection.execute("DELETE FROM fresh.migrations")
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'archive' "
            "ORDER BY table_name"
        ).fetchall()
    ]
    for table in [*(name for name in tables if name not in _RULES), *_RULES]:
        where = _RULES.get(table) or _of_others(connection, table)
        connection.execute(
            f"INSERT INTO fresh.{table} BY NAME SELECT * FROM archive.{table} WHERE {where}"  # noqa: S608
        )
    _unpack_foreign(connection)
    connection.execute(
        "INSERT INTO fresh.forgotten SELECT article_id, ?::TIMESTAMP FROM gone "
        "UNION SELECT alias_id, ?::TIMESTAMP FROM archive.aliases "
        "WHERE article_id IN (FROM gone)",
        [to_column(acted_at)] * 2,
    )
    connection.execute("COMMIT")


def _of_others(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    row = connection.execute(
        "SELECT count(*) FROM duckdb_columns() WHERE database_name = 'archive' "
        "AND table_name = ? AND column_name = 'article_id'",
        [table],
    ).fetchone()
    theirs = row is not None and row[0] and table != "forgotten"
    return "article_id NOT IN (FROM gone)" if theirs else "true"


def _unpack_foreign(connection: duckdb.DuckDBPyConnection) -> None:
    """Pack anew what was packed against a page that is gone: it holds parts of that page."""
    rows = connection.execute(
        "SELECT digest FROM fresh.bodies WHERE base_digest NOT IN (SELECT digest FROM fresh.bodies)"
    ).fetchall()
    for (digest,) in rows:
        body = bodies.load(connection, digest)
        assert body is not None
        connection.execute(
            "UPDATE fresh.bodies SET content = ?, base_digest = NULL WHERE digest = ?",
            [bodies.pack(body, None), digest],
        )
