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
