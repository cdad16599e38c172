"""Acts as rows: what was asked for, appended and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from store.rows import insert, to_column


def act(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    numbers: Sequence[int],
    action: str,
    moment: datetime,
) -> None:
    """Append acts on articles or sources; those of one moment are ordered by the acts so far."""
    row = connection.execute("SELECT count(*) FROM watches").fetchone()
    first = row[0] if row else 0
    stamp = to_column(moment)
    rows = [(target, number, action, stamp, first + n) for n, number in enumerate(numbers)]
    insert(connection, "watches", rows)


def pause(connection: duckdb.DuckDBPyConnection, source: int, moment: datetime) -> None:
    """Let a source and its articles, as far as they are watched, rest until ``resume``."""
    act(connection, "source", _last(connection, source, "source", "watch"), "pause", moment)
    act(connection, "article", _last(connection, source, "article", "watch"), "pause", moment)


def resume(connection: duckdb.DuckDBPyConnection, source: int, moment: datetime) -> None:
    """Watch a source again, with the articles that rested with it."""
    act(connection, "source", [source], "watch", moment)
    act(connection, "article", _last(connection, source, "article", "pause"), "watch", moment)


def _last(
    connection: duckdb.DuckDBPyConnection, source: int, target: str, action: str
) -> list[int]:
    """Return the source itself, or its articles, where the last act on them was this one."""
    theirs = (
        "= ?" if target == "source" else "IN (SELECT article_id FROM articles WHERE source_id = ?)"
    )
    rows = connection.execute(
        f"SELECT target_id FROM watched WHERE target = ? AND action = ? AND target_id {theirs}",  # noqa: S608 (ours)
        [target, action, source],
    ).fetchall()
    return [number for (number,) in rows]
